import AMQPProtocol

/// Where a queue's dead letters go.
public struct DeadLetterRoute: Hashable, Sendable {
    public let exchange: WireName
    /// Nil if they keep the keys that they came with.
    public let routingKey: WireName?

    public init(exchange: String, routingKey: String?) {
        self.exchange = WireName(exchange)
        self.routingKey = routingKey.map { WireName($0) }
    }
}

extension Queue {
    /// By its arguments and the policies that match; nil if it has no dead-letter exchange.
    public var deadLetterRoute: DeadLetterRoute? {
        settings.deadLetterExchange.map {
            DeadLetterRoute(exchange: $0, routingKey: settings.deadLetterRoutingKey)
        }
    }
}
