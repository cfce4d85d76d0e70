import AMQPProtocol

/// The bindings of one exchange, arranged so that a message's destinations are found fast. One subclass for each
/// exchange type; plugins add their own.
///
/// Owned by the virtual host's core and only ever called there. The virtual host guarantees that the same key,
/// arguments and destination are bound only once, and unbound only if bound. Bytes handed in are valid during the
/// call only.
open class Router {
    public init() {}

    /// Refuses arguments that no binding of this exchange type can have. Called before anything of the binding is
    /// written down; accepts everything unless overridden.
    open func validate(arguments: FieldTable) throws(AMQPException) {}

    /// Lets messages that fit the key and the arguments go to `destination`, too. Throws what ``validate(arguments:)``
    /// throws, and is then without effect.
    open func bind(
        routingKey: UnsafeRawBufferPointer, arguments: FieldTable, to destination: DestinationID
    ) throws(AMQPException) {
        preconditionFailure("a router has to override bind")
    }

    /// Takes back what ``bind(routingKey:arguments:to:)`` did with the same key, arguments and destination.
    open func unbind(routingKey: UnsafeRawBufferPointer, arguments: FieldTable, from destination: DestinationID) {
        preconditionFailure("a router has to override unbind")
    }

    /// Inserts the destinations of a message with that key and those headers (validated). Called for every message:
    /// must not allocate, lock or block.
    open func route(
        routingKey: UnsafeRawBufferPointer, headers: FieldTableView?, into collector: inout RouteCollector
    ) {
        preconditionFailure("a router has to override route")
    }
}
