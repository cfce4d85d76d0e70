import AMQPProtocol
import Broker
import BrokerServer

/// The exchange type `x-delayed-message`, which routes as the type does that its argument `x-delayed-type` names.
///
/// The delay itself, a message's header `x-delay`, is none of its doing: the broker heeds that on any exchange. The type is
/// for applications that declare it.
public struct DelayedMessageExchangePlugin: ServerPlugin {
    public static let exchangeType = "x-delayed-message"
    private static let argument = "x-delayed-type"

    public init() {}

    public var name: String { "delayed-message-exchange" }

    public func extend(_ extensions: inout BrokerExtensions) {
        extensions.exchangeTypes.register(Self.exchangeType, knownArguments: [Self.argument]) {
            arguments, types throws(AMQPException) in
            guard let type = arguments[Self.argument]?.stringValue, type != Self.exchangeType,
                types.names.contains(where: { $0.hasSameBytes(as: type) })
            else {
                let names = types.names.filter { $0 != Self.exchangeType }.joined(separator: ", ")
                throw .channel(
                    .preconditionFailed,
                    "Invalid argument, '\(Self.argument)' must be an existing exchange type: \(names)")
            }
            return try types.makeRouter(type: type, arguments: arguments)
        }
    }
}
