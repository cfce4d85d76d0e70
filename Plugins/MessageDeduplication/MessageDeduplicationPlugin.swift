import AMQPProtocol
import Broker
import BrokerServer
import Routing

/// Keeps duplicates out of exchanges and queues, told by a header of the messages: the exchange type
/// `x-message-deduplication`, and the argument of that name on any exchange or queue. The page of this module says how.
public struct MessageDeduplicationPlugin: ServerPlugin {
    public static let exchangeType = "x-message-deduplication"

    public init() {}

    public var name: String { "message-deduplication" }

    public func extend(_ extensions: inout BrokerExtensions) {
        let arguments = DeduplicationSettings.arguments
        extensions.exchangeTypes.register(Self.exchangeType) { _, _ in FanoutRouter() }
        extensions.publishFilters.register(name, knownArguments: arguments) { owner, state throws(AMQPException) in
            guard let settings = try DeduplicationSettings(owner) else { return nil }
            return DeduplicationFilter(settings, state: state)
        }
    }
}
