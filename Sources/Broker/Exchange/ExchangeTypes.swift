import AMQPProtocol
import Routing

/// The exchange types that can be declared: the four of the protocol, and those that plugins add before the start.
public struct ExchangeTypes {
    /// Makes the router of an exchange that was declared with those arguments. Throws 406 for arguments that the type
    /// can't take. The types that are registered are handed in for a type that builds on another one.
    public typealias MakeRouter = (_ arguments: FieldTable, _ types: ExchangeTypes) throws(AMQPException) -> Router

    private var makers: [WireName: MakeRouter] = [:]
    private var knownArguments: Set<WireName> = []

    public init() {
        register("direct") { _, _ in DirectRouter() }
        register("fanout") { _, _ in FanoutRouter() }
        register("topic") { _, _ in TopicRouter() }
        register("headers") { _, _ in HeadersRouter() }
    }

    /// Adds a type. Two plugins that register the same name stop the process at its start.
    ///
    /// - Parameters:
    ///   - knownArguments: names of arguments that mean something to the type. One that begins with `x-` and means
    ///     nothing to anybody is kept without effect and logged, or refused if that is configured.
    public mutating func register(
        _ type: String, knownArguments: [String] = [], _ makeRouter: @escaping MakeRouter
    ) {
        precondition(makers[WireName(type)] == nil, "exchange type \(type) registered twice")
        makers[WireName(type)] = makeRouter
        self.knownArguments.formUnion(knownArguments.map { WireName($0) })
    }

    /// The types that can be declared, sorted.
    public var names: [String] { makers.keys.map(\.text).sorted() }

    /// - Throws: 503 COMMAND_INVALID for a type that nobody registered, which closes the connection, as in RabbitMQ; 406
    ///   for arguments that the type can't take.
    public func makeRouter(type: String, arguments: FieldTable) throws(AMQPException) -> Router {
        try maker(of: type)(arguments, self)
    }

    /// - Throws: 503 COMMAND_INVALID for a type that nobody registered.
    public func require(_ type: String) throws(AMQPException) {
        _ = try maker(of: type)
    }

    /// Whether an argument means something to any of the types.
    func know(_ argument: String) -> Bool { knownArguments.contains(WireName(argument)) }

    private func maker(of type: String) throws(AMQPException) -> MakeRouter {
        guard let maker = makers[WireName(type)] else {
            throw .connection(.commandInvalid, "unknown exchange type '\(type)'")
        }
        return maker
    }
}
