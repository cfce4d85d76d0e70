import AMQPProtocol
import Broker

/// What a transactional channel has done since the last commit or rollback.
struct Transaction {
    enum Settlement: Equatable {
        case acknowledge
        case requeue(ReturnCause)
        case reject
    }

    /// How much may be published in one transaction, in bytes: all of it is held in memory until the commit.
    static let publishBytesMax = 256 << 20

    private(set) var publishes: [BufferedPublish] = []
    private var publishByteCount = 0
    /// Deliveries that were settled, in the order of the settling.
    var settlements: [(delivery: UnackedLedger.Delivery, settlement: Settlement)] = []

    /// - Throws: 311 when the transaction becomes too large.
    mutating func add(_ publish: BufferedPublish) throws(AMQPException) {
        guard publishByteCount + publish.byteCount <= Self.publishBytesMax else {
            throw .channel(
                .contentTooLarge, "the messages of a transaction are larger than \(Self.publishBytesMax) bytes")
        }
        publishByteCount += publish.byteCount
        publishes.append(publish)
    }
}
