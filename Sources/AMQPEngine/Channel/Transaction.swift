import Broker

/// What a transactional channel has done since the last commit or rollback.
struct Transaction {
    enum Settlement {
        case acknowledge
        case requeue
        case reject
    }

    var publishes: [BufferedPublish] = []
    /// Deliveries that were settled, in the order of the settling.
    var settlements: [(delivery: UnackedLedger.Delivery, settlement: Settlement)] = []
}
