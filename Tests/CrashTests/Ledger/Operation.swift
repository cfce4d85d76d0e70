/// Something that a client had the broker do, which must be there whole after a crash, or not at all: a publish with
/// all queues it goes to, an acknowledgement, a dead letter's move, a transaction.
struct Operation: Sendable {
    enum Outcome: Sendable {
        /// The broker has said that it is durable: it must be there.
        case certain
        /// It was sent, and nothing was heard of it: it may be there.
        case inDoubt
        /// It was never asked for, or is not to survive: it must not be there.
        case impossible
    }

    struct Addition: Sendable {
        let place: Place
        let rank: Rank
    }

    /// Operations of one lane are recorded by the broker in the order of their numbers: what is there of them after a
    /// crash has no gap.
    let lane: String
    let number: UInt64
    var adds: [Addition] = []
    var removes: [Place] = []
    var outcome: Outcome
}

extension Operation: CustomStringConvertible {
    var description: String { "\(lane) #\(number) (\(outcome))" }
}
