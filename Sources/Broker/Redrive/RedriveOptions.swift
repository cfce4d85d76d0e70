/// How messages are moved.
public struct RedriveOptions: Sendable, Equatable {
    public enum Order: String, Sendable, CaseIterable {
        case oldest
        case newest
        /// So many by chance, as `limit` says: the oldest of them first.
        case sample
    }

    public enum Deaths: String, Sendable, CaseIterable {
        case keep
        /// `x-death` and the headers that go with it are taken out: the history begins anew.
        case reset
    }

    /// What becomes of a property.
    public enum Change<Value: Sendable & Equatable>: Sendable, Equatable {
        case keep
        case clear
        case set(Value)
    }

    /// Some messages first, and a look at whether they come back before the others follow.
    public struct Canary: Sendable, Equatable {
        public var messages: Int
        public var waitMilliseconds: UInt64
        /// Of those messages; the task pauses if more come back.
        public var returnsPercentMax: Int

        public init(messages: Int, waitMilliseconds: UInt64, returnsPercentMax: Int) {
            self.messages = messages
            self.waitMilliseconds = waitMilliseconds
            self.returnsPercentMax = returnsPercentMax
        }
    }

    public static let redrivenDefault = 10
    /// A day.
    public static let canaryWaitMillisecondsMax: UInt64 = 86_400_000

    public var order = Order.oldest
    /// What a sample depends on beside the queue's messages; nil for one that is made up with the plan, which tells it.
    public var seed: UInt64?
    /// What a plan has found to be in the sample.
    var sample: RedriveSample?
    /// How many messages are moved; nil for all that match.
    public var limit: Int?
    public var messagesPerSecond: Int?
    public var bytesPerSecond: Int?
    /// While a target has so many messages, nothing is moved to it.
    public var targetDepthMax: Int?
    public var canary: Canary?
    /// A message that has been moved back so often stays where it is.
    public var redrivenMax = Self.redrivenDefault
    public var deaths = Deaths.keep
    /// The messages have been moved back too often already, and are put aside: that is not counted as once more.
    var isParking = false
    /// The time to live, in milliseconds.
    public var expiration = Change<UInt64>.keep
    public var priority = Change<UInt8>.keep

    public init() {}
}
