/// Something about a queue of dead letters that somebody is to know.
public struct DeadLetterAlert: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// `dead-letter-alert-depth`: so many messages are in the queue.
        case depth
        /// `dead-letter-alert-rate`: so many join it in a second.
        case rate
        /// `dead-letter-alert-age`: the oldest has been there for so many milliseconds.
        case age
        /// `dead-letter-alert-unconsumed`: so many messages are there, and no consumer.
        case unconsumed
    }

    public let virtualHost: String
    public let queue: String
    public let kind: Kind
    /// In milliseconds since 1970.
    public let sinceMilliseconds: UInt64
    /// As it was found last, in the kind's unit.
    public internal(set) var value: UInt64
    /// From where on it is an alert.
    public let threshold: UInt64
}
