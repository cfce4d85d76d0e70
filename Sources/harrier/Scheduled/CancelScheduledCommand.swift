import ArgumentParser
import HarrierManagement

/// `harrier scheduled cancel`.
struct CancelScheduledCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancel messages that wait for their time.",
        discussion: """
            A message that was cancelled is never delivered, whatever happens to the broker. Ends with 0 if all were \
            cancelled, 3 if only some were, 1 if none was: the others have been delivered or cancelled before, or never were.
            """
    )

    @OptionGroup
    var broker: ManagementURLOption

    @Argument(help: "Ids, as `harrier scheduled list` shows them.")
    var ids: [String]

    func run(_ client: ManagementClient) async throws {
        var cancelled = 0
        for id in ids {
            do {
                try await client.delete(["scheduled", broker.vhost, id])
                cancelled += 1
                StandardStream.output.writeLine("cancelled \(TerminalText.escaped(id))")
            } catch let error {
                // Without a virtual host, or without the right, the others would fare no better.
                guard case .refused(404...409, let reason) = error else {
                    if cancelled > 0 { StandardStream.error.writeLine("\(cancelled) of \(ids.count) cancelled") }
                    throw error
                }
                StandardStream.error.writeLine("\(TerminalText.escaped(id)): \(TerminalText.escaped(reason))")
            }
        }
        guard cancelled < ids.count else { return }
        throw ExitCode(cancelled > 0 ? 3 : 1)
    }
}
