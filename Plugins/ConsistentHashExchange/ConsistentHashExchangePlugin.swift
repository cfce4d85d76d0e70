import AMQPProtocol
import Broker
import BrokerServer

/// The exchange type `x-consistent-hash`: messages with the same key go to the same one of the bound queues, and the
/// keys are spread over the queues by their weights. See ``ConsistentHashRouter``.
public struct ConsistentHashExchangePlugin: ServerPlugin {
    public static let exchangeType = "x-consistent-hash"

    public init() {}

    public var name: String { "consistent-hash-exchange" }

    public func extend(_ extensions: inout BrokerExtensions) {
        // The arguments, `hash-header` and `hash-property`, do not begin with `x-`.
        extensions.exchangeTypes.register(Self.exchangeType) { arguments, _ throws(AMQPException) in
            ConsistentHashRouter(hashing: try HashedPart(arguments))
        }
    }
}
