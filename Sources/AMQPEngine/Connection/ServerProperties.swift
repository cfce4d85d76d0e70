import AMQPProtocol

/// What connection.start says of the server.
enum ServerProperties {
    /// Clients branch on the product and its version (kombu's prefetch semantics do), so that a broker which behaves as
    /// RabbitMQ has to say so. The platform tells people what they are connected to.
    static let table: FieldTable = [
        "product": .string("RabbitMQ"),
        "version": .string("3.10.8"),
        "platform": .string("Harrier"),
        "information": .string("Harrier, a message broker that answers as RabbitMQ does. Apache License 2.0"),
        "copyright": .string("The Harrier contributors"),
        "cluster_name": .string("harrier@localhost"),
        "capabilities": .table(capabilities),
    ]

    /// All of these work; what does not is not listed.
    static let capabilities: FieldTable = [
        "publisher_confirms": .boolean(true),
        "exchange_exchange_bindings": .boolean(true),
        "basic.nack": .boolean(true),
        "consumer_cancel_notify": .boolean(true),
        "connection.blocked": .boolean(true),
        "consumer_priorities": .boolean(true),
        "authentication_failure_close": .boolean(true),
        "per_consumer_qos": .boolean(true),
        "direct_reply_to": .boolean(true),
    ]
}
