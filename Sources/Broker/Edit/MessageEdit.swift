/// A message of which an edited copy has been published. The original stays where it is, and goes when the copy has been
/// acknowledged.
public struct MessageEdit: Sendable, Equatable {
    public enum Status: String, Sendable, CaseIterable {
        /// The copy is in a queue, or in a consumer's hands.
        case underWay = "under_way"
        /// The copy has been acknowledged, and the original is gone.
        case done
        /// The copy is gone without anybody having acknowledged it: the original stays, and is linked no more.
        case copyLost = "copy_lost"
    }

    /// A message's place in a queue.
    struct Place: Hashable {
        let queueID: UInt64
        let sequence: UInt64
    }

    public let id: UInt64
    public let virtualHost: String
    /// The original's.
    public let queue: String
    public let message: MessageID
    public let user: String
    public let startedAtMilliseconds: UInt64
    public internal(set) var finishedAtMilliseconds: UInt64?
    public internal(set) var status = Status.underWay

    let queueID: UInt64
    /// Where the copies are that nobody has acknowledged yet: one for each queue that the exchange has led to.
    var copies: [Place]
    /// One of them is gone otherwise.
    var hasLostCopy = false
    /// A restart ends a copy that is not on disk.
    var isVolatile = false

    var original: Place { Place(queueID: queueID, sequence: message.rawValue) }
}
