/// How an exchange finds the queues for a message. Brokers may know others than the four of AMQP 0-9-1.
public struct ExchangeType: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public init(stringLiteral value: String) {
        self.init(rawValue: value)
    }

    /// To the bindings with the same routing key.
    public static let direct = ExchangeType(rawValue: "direct")
    /// To all bindings.
    public static let fanout = ExchangeType(rawValue: "fanout")
    /// To bindings with a pattern that fits the words of the routing key: `*` is one word, `#` any number.
    public static let topic = ExchangeType(rawValue: "topic")
    /// To bindings whose arguments fit the message's headers.
    public static let headers = ExchangeType(rawValue: "headers")
}
