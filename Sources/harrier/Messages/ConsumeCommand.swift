import ArgumentParser
import HarrierClient
import UnixSignals

/// `harrier consume`: messages of a queue to standard output.
struct ConsumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consume",
        abstract: "Print the messages of a queue as they come.",
        discussion: """
            Works with any AMQP 0-9-1 broker. Ends after --count messages, or on Ctrl-C; what has not been printed then \
            goes back to the queue.

            harrier consume jobs --count 10 --output ndjson
            harrier consume --exchange logs --routing-key 'app.#'
            """
    )

    enum Output: String, CaseIterable, ExpressibleByArgument {
        /// The body and a line's end.
        case text
        /// One array of all messages.
        case json
        /// An object on a line for each message.
        case ndjson
    }

    enum AckMode: String, CaseIterable, ExpressibleByArgument {
        case auto
        case manual
    }

    @OptionGroup
    var broker: BrokerURLOption

    @Option(help: "How many messages to print; without it they are printed until Ctrl-C.")
    var count: Int?

    @Option(
        help: """
            manual: a message is acknowledged when it has been printed; auto: when the broker sends it, so that what is \
            sent and not printed is lost.
            """
    )
    var ackMode = AckMode.manual

    @Option(help: "text: the bodies, each with a line's end; json, ndjson: properties and headers too.")
    var output = Output.text

    @Option(help: "How many messages may be under way and not acknowledged.")
    var prefetch: UInt16 = 250

    @Option(help: "Instead of a queue: an exchange, which a queue of its own is bound to while the command runs.")
    var exchange: String?

    @Option(help: "The routing key or pattern that the queue is bound with.")
    var routingKey: String?

    @Argument(help: "The queue.")
    var queue: String?

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count is at least 1") }
        guard (queue == nil) != (exchange == nil) else { throw ValidationError("give either a queue or --exchange") }
        guard exchange != nil || routingKey == nil else { throw ValidationError("--routing-key goes with --exchange") }
    }

    func run() async throws {
        let connection = try await broker.connect(as: "harrier consume")
        do {
            try await withThrowingTaskGroup { group in
                group.addTask { try await printMessages(on: connection) }
                group.addTask {
                    // The first signal ends the iteration, so that what was printed is acknowledged and all is closed.
                    for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { return }
                }
                try await group.next()
                group.cancelAll()
                try await group.waitForAll()
            }
            await connection.close()
        } catch let error as AMQPClientError where error.code == .cancelled {
            // Stopped by a signal before the consumer had begun.
            await connection.close()
        } catch {
            await connection.close()
            StandardStream.error.writeLine("harrier consume: \(error)")
            throw ExitCode.failure
        }
    }

    private func printMessages(on connection: HarrierConnection) async throws {
        let channel = try await connection.openChannel()
        var printer = DeliveryPrinter(output: output)
        guard printer.begin() else { return }
        var left = count ?? .max
        for try await delivery in try await startConsumer(on: channel) {
            // Nobody reads any more, as with `| head`: the message has not been seen, and goes back.
            guard printer.print(delivery) else { return }
            if ackMode == .manual { try channel.acknowledge(delivery) }
            left -= 1
            if left == 0 { break }
        }
        _ = printer.end()
    }

    private func startConsumer(on channel: HarrierChannel) async throws(AMQPClientError) -> Deliveries {
        var name = queue ?? ""
        if let exchange {
            name = try await channel.declareQueue(durable: false, exclusive: true).name
            try await channel.bindQueue(name, to: exchange, routingKey: routingKey ?? "")
        }
        // No more than is wanted is taken from others.
        let underWayMax = prefetch == 0 ? UInt16.max : prefetch
        let wanted = UInt16(clamping: count ?? Int(underWayMax))
        return try await channel.consume(
            name, acknowledgement: ackMode == .manual ? .manual : .automatic, prefetch: min(underWayMax, wanted))
    }
}
