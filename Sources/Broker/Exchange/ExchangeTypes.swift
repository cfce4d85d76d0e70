import AMQPProtocol
import Routing

/// The exchange types that can be declared: the four of the protocol, and those that plugins add before the start.
public struct ExchangeTypes {
    private var makers: [String: (FieldTable) throws(AMQPException) -> Router] = [:]

    public init() {
        makers["direct"] = { _ in DirectRouter() }
        makers["fanout"] = { _ in FanoutRouter() }
        makers["topic"] = { _ in TopicRouter() }
        makers["headers"] = { _ in HeadersRouter() }
    }

    /// Adds a type. The closure gets the exchange's arguments and throws 406 for those it can't take.
    public mutating func register(
        _ type: String, _ makeRouter: @escaping (FieldTable) throws(AMQPException) -> Router
    ) {
        precondition(makers[type] == nil, "exchange type \(type) registered twice")
        makers[type] = makeRouter
    }

    var names: [String] { makers.keys.sorted() }

    /// - Throws: 503 COMMAND_INVALID for a type that nobody registered, which closes the connection, as in RabbitMQ.
    func makeRouter(type: String, arguments: FieldTable) throws(AMQPException) -> Router {
        guard let make = makers[type] else {
            throw .connection(.commandInvalid, "unknown exchange type '\(type)'")
        }
        return try make(arguments)
    }

    func has(_ type: String) -> Bool { makers[type] != nil }
}
