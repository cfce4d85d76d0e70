import ArgumentParser
import HarrierManagement

/// A command that asks the management API.
protocol ManagementCommand: AsyncParsableCommand {
    var broker: ManagementURLOption { get }

    func run(_ client: ManagementClient) async throws
}

extension ManagementCommand {
    func run() async throws {
        try await reportingMisuse { try await runOverHTTP() }
    }

    /// What only turns out now is told without the usage of all commands, which the parser would put behind it.
    func reportingMisuse(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as ValidationError {
            StandardStream.error.writeLine("harrier: \(error.message)")
            throw ExitCode(2)
        }
    }

    func runOverHTTP() async throws {
        do {
            try await ManagementClient.withClient(try broker.endpoint(), virtualHost: broker.vhost) {
                try await run($0)
            }
        } catch let error as ManagementError {
            StandardStream.error.writeLine("harrier: \(TerminalText.escaped(error.description))")
            throw ExitCode.failure
        }
    }
}
