import AMQPProtocol

/// The queues and exchanges that the load goes through; all durable.
enum LoadTopology {
    static let directExchange = "crash.direct"
    static let fanoutExchange = "crash.fanout"
    static let deadLetterExchange = "crash.dead"

    /// Both publishers send to it; a consumer acknowledges, requeues and rejects.
    static let work = "work"
    /// Nobody takes from it.
    static let quiet = "quiet"
    /// A consumer takes from the first, nobody from the others.
    static let copies = ["copy-1", "copy-2", "copy-3"]
    /// What the relay takes, in transactions, and where it puts what it makes of it.
    static let relayInput = "relay-input"
    static let relayOutputs = ["relay-output-1", "relay-output-2"]
    /// Nobody takes from it: all of it is dead-lettered after a while.
    static let expiring = "expiring"
    static let timeToLiveMilliseconds: Int32 = 100
    /// Persistent messages whose confirms tell a consumer that its settlements are durable.
    static let fences = "fences"

    static func dead(_ queue: String) -> String { queue + ".dead" }

    private static let deadLettering = [work, relayInput, expiring]

    /// In the order in which they are to be looked into: what may be dead-lettered meanwhile before where it goes.
    static let queues =
        [expiring, work, relayInput, quiet] + copies + relayOutputs + deadLettering.map(dead) + [fences]
    private static let exchanges = [
        (directExchange, "direct"), (fanoutExchange, "fanout"), (deadLetterExchange, "direct"),
    ]

    static func declare(port: Int) throws(WireClient.Failure) {
        let client = try WireClient(port: port)
        try client.openChannel()
        for (exchange, type) in exchanges {
            _ = try client.request(ExchangeDeclare(exchange: exchange, type: type, durable: true))
        }
        for queue in queues {
            var arguments: FieldTable = [:]
            if deadLettering.contains(queue) {
                arguments["x-dead-letter-exchange"] = .string(deadLetterExchange)
                arguments["x-dead-letter-routing-key"] = .string(dead(queue))
            }
            if queue == expiring { arguments["x-message-ttl"] = .int32(timeToLiveMilliseconds) }
            _ = try client.request(QueueDeclare(queue: queue, durable: true, arguments: arguments))
        }
        for queue in [work, quiet, relayInput, expiring] {
            _ = try client.request(QueueBind(queue: queue, exchange: directExchange, routingKey: queue))
        }
        for queue in copies { _ = try client.request(QueueBind(queue: queue, exchange: fanoutExchange)) }
        for queue in deadLettering.map(dead) {
            _ = try client.request(QueueBind(queue: queue, exchange: deadLetterExchange, routingKey: queue))
        }
        try client.close()
    }
}
