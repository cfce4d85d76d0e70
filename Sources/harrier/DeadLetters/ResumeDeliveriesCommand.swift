import ArgumentParser
import HarrierManagement

/// `harrier dlq resume-deliveries`.
struct ResumeDeliveriesCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume-deliveries",
        abstract: "Let deliveries of a queue go on that were paused, since its consumers rejected too much.",
        discussion: """
            A policy with dead-letter-breaker-rate pauses them; `harrier dlq alerts` lists such queues.

            harrier dlq resume-deliveries orders
            """
    )

    @OptionGroup
    var broker: ManagementURLOption

    @Argument(help: "The queue.")
    var queue: String

    func run(_ client: ManagementClient) async throws {
        _ = try await client.post(["dlq", broker.vhost, queue, "resume-deliveries"])
        StandardStream.error.writeLine("deliveries of \(TerminalText.escaped(queue)) go on")
    }
}
