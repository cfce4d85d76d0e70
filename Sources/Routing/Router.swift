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

    /// As ``bind(routingKey:arguments:to:)``, which is what is called unless this is overridden: by a router whose
    /// choice is to be the same after a restart, when destinations have other numbers.
    ///
    /// - Parameter name: the destination's kind (`q` for a queue, `e` for an exchange) and its name, unique in the
    ///   virtual host.
    open func bind(
        routingKey: UnsafeRawBufferPointer, arguments: FieldTable, to destination: DestinationID,
        named name: UnsafeRawBufferPointer
    ) throws(AMQPException) {
        try bind(routingKey: routingKey, arguments: arguments, to: destination)
    }

    /// Whether a message is routed by each of its keys, those of its `CC` and `BCC` headers too. A router that chooses
    /// among its bindings overrides this: it is asked once.
    open var routesByEveryKey: Bool { true }

    /// Whether the routing key alone says where a message without headers goes, as long as no binding changes: messages with
    /// the same key may then be spared the asking.
    open var routesByKeyAlone: Bool { false }

    /// How many of its last messages the exchange keeps, to give them to what is bound later; 0 for none. Must not change.
    open var historyLength: Int { 0 }

    /// Whether a message with those properties is one of them. Called for every message if `historyLength` is not 0.
    open func keepsInHistory(_ properties: PropertiesView) -> Bool { true }

    /// Inserts the destinations of a message with that key and those properties (validated). Called for every message:
    /// must not allocate, lock or block.
    open func route(
        routingKey: UnsafeRawBufferPointer, properties: PropertiesView, into collector: inout RouteCollector
    ) {
        preconditionFailure("a router has to override route")
    }
}
