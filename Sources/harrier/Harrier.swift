import ArgumentParser
import BrokerServer

/// The command line: `harrier <subcommand>`.
struct Harrier: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "harrier",
        abstract: "A message broker for RabbitMQ's clients.",
        version: ServerVersion.text,
        subcommands: [
            ServeCommand.self, DefinitionsCommand.self, LogCommand.self, PublishCommand.self, ConsumeCommand.self,
            BenchCommand.self, QueuesCommand.self, ScheduledCommand.self, DeadLettersCommand.self,
        ]
    )
}

@main
enum Program {
    /// Exit codes, the same for all subcommands: 0 done, 1 failed, 2 changes pending or a usage error, 3 partly done.
    static func main() async {
        do {
            var command = try Harrier.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            guard Harrier.exitCode(for: error) == .validationFailure else { Harrier.exit(withError: error) }
            StandardStream.error.writeLine(Harrier.fullMessage(for: error))
            Harrier.exit(withError: ExitCode(2))
        }
    }
}
