import AMQPProtocol
import ArgumentParser
import HarrierClient
import NIOCore

/// `harrier publish`: messages from the command line or standard input, each confirmed by the broker.
struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish messages, and wait until the broker has taken charge of them.",
        discussion: """
            Works with any AMQP 0-9-1 broker. What was published is said on standard error; the exit code is 0 if all \
            messages were confirmed, 3 if only some were, and 1 if none was.

            harrier publish --routing-key jobs --persistent '{"id": 7}'
            tail -f app.log | harrier publish --exchange logs --routing-key app.info -
            """
    )

    @OptionGroup
    var broker: BrokerURLOption

    @Option(help: "The exchange. Without it the routing key names a queue.")
    var exchange = ""

    @Option(help: "The routing key.")
    var routingKey: String

    @Flag(help: "Have the messages survive a restart of the broker.")
    var persistent = false

    @Flag(inversion: .prefixedNo, help: "Take it for a failure if a message reaches no queue.")
    var mandatory = true

    @OptionGroup
    var content: MessagePropertyOptions

    @Option(help: "How often to publish the body.")
    var count = 1

    @Argument(help: "The message's body, or - for a message from each line of standard input.")
    var body: String

    func validate() throws {
        guard count >= 1 else { throw ValidationError("--count is at least 1") }
        guard body != "-" || count == 1 else { throw ValidationError("--count and - do not go together") }
    }

    func run() async throws {
        let connection = try await broker.connect(as: "harrier publish")
        var progress = Progress()
        do {
            let channel = try await connection.openChannel()
            try await channel.enableConfirms()
            try await publishAll(on: channel, &progress)
            await connection.close()
        } catch {
            await connection.close()
            try Self.fail(error, progress)
        }
        StandardStream.error.writeLine("published and confirmed: \(progress.confirmed)")
    }

    /// How far the command has come.
    private struct Progress {
        var confirmed = 0
        var unconfirmed = 0
    }

    private func publishAll(on channel: HarrierChannel, _ progress: inout Progress) async throws {
        guard body == "-" else {
            let body = ByteBuffer(string: body)
            // Failures are noticed now and then, and not only when the last of millions has been sent.
            for batch in stride(from: 0, to: count, by: 10_000) {
                let bodies = repeatElement(body, count: min(10_000, count - batch))
                try await publish(bodies, on: channel, &progress)
            }
            return
        }
        var input = InputLines()
        while let lines = try input.next() {
            try await publish(lines.lazy.map { ByteBuffer(bytes: $0) }, on: channel, &progress)
        }
    }

    /// Sends the messages in their order, and waits for the confirms of all of them.
    private func publish(
        _ bodies: some Collection<ByteBuffer>, on channel: HarrierChannel, _ progress: inout Progress
    ) async throws(AMQPClientError) {
        let properties = content.makeProperties(persistent: persistent)
        for body in bodies {
            progress.unconfirmed += 1
            try await channel.publish(
                body, to: exchange, routingKey: routingKey, properties: properties, mandatory: mandatory)
        }
        do {
            try await channel.waitForConfirms()
            progress.confirmed += progress.unconfirmed
            progress.unconfirmed = 0
        } catch {
            // Of what was refused or came back the number is known; of a lost connection nothing is.
            if error.failedPublishCount > 0 {
                progress.confirmed += progress.unconfirmed - error.failedPublishCount
                progress.unconfirmed = error.failedPublishCount
            }
            throw error
        }
    }

    private static func fail(_ error: any Error, _ progress: Progress) throws -> Never {
        StandardStream.error.writeLine("harrier publish: \(error)")
        if let error = error as? AMQPClientError, error.code == .publishReturned {
            StandardStream.error.writeLine("No queue is bound for it. With --no-mandatory such messages are dropped.")
        }
        StandardStream.error.writeLine(
            "published and confirmed: \(progress.confirmed), not confirmed: \(progress.unconfirmed)")
        throw progress.confirmed == 0 ? ExitCode.failure : ExitCode(3)
    }
}
