import AMQPProtocol
import Broker
import BrokerServer

/// The exchange type `x-recent-history`: a fanout that keeps its last messages, and gives them to each queue as it is bound.
public struct RecentHistoryExchangePlugin: ServerPlugin {
    public static let exchangeType = "x-recent-history"

    public init() {}

    public var name: String { "recent-history-exchange" }

    public func extend(_ extensions: inout BrokerExtensions) {
        extensions.exchangeTypes.register(
            Self.exchangeType, knownArguments: [RecentHistoryRouter.lengthArgument]
        ) { arguments, _ throws(AMQPException) in
            try RecentHistoryRouter(arguments)
        }
    }
}
