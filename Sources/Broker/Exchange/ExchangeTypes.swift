import AMQPProtocol
import Routing

/// The exchange types that can be declared: the four of the protocol, and those that plugins add before the start.
public struct ExchangeTypes {
    private var makers: [WireName: (FieldTable) throws(AMQPException) -> Router] = [:]

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
        precondition(makers[WireName(type)] == nil, "exchange type \(type) registered twice")
        makers[WireName(type)] = makeRouter
    }

    var names: [String] { makers.keys.map(\.text).sorted() }

    /// - Throws: 503 COMMAND_INVALID for a type that nobody registered, which closes the connection, as in RabbitMQ.
    func makeRouter(type: String, arguments: FieldTable) throws(AMQPException) -> Router {
        try maker(of: type)(arguments)
    }

    /// - Throws: 503 COMMAND_INVALID for a type that nobody registered.
    public func require(_ type: String) throws(AMQPException) {
        _ = try maker(of: type)
    }

    private func maker(
        of type: String
    ) throws(AMQPException) -> (FieldTable) throws(AMQPException) -> Router {
        guard let make = makers[WireName(type)] else {
            throw .connection(.commandInvalid, "unknown exchange type '\(type)'")
        }
        return make
    }
}
