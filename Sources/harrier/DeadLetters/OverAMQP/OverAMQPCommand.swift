import ArgumentParser
import HarrierClient

/// A command that asks a broker's management API, and can do with AMQP alone where the URL says `amqp`: with any AMQP 0-9-1
/// broker then, and with weaker guarantees, which it tells before it does anything.
protocol OverAMQPCommand: ManagementCommand {
    /// What is weaker than with Harrier's management API.
    var weakerGuarantees: [String] { get }

    /// Options that mean nothing then, and were given.
    var optionsWithoutMeaning: [String] { get }

    /// - Throws: exit codes, and `AMQPClientError`.
    func run(over connection: HarrierConnection, as user: String) async throws
}

extension OverAMQPCommand {
    func run() async throws {
        try await reportingMisuse { broker.isAMQP ? try await runOverAMQP() : try await runOverHTTP() }
    }

    private func runOverAMQP() async throws {
        guard optionsWithoutMeaning.isEmpty else {
            let names = optionsWithoutMeaning.joined(separator: ", ")
            throw ValidationError(
                "\(names): not possible over AMQP, only with Harrier's management API (--url http://…)")
        }
        let name = "harrier dlq " + (Self.configuration.commandName ?? "")
        do {
            let configuration = try broker.amqpConfiguration(as: name)
            StandardStream.error.writeLine("Over AMQP this is weaker than with Harrier's management API:")
            for text in weakerGuarantees { StandardStream.error.writeLine("- \(text)") }
            let connection = try await HarrierConnection.connect(to: configuration)
            do {
                try await run(over: connection, as: configuration.user)
                await connection.close()
            } catch {
                // Whatever is in our hands goes back to its queue with the connection.
                await connection.close()
                throw error
            }
        } catch let error as AMQPClientError {
            guard error.code != .invalidURL else { throw ValidationError("--url: \(error)") }
            StandardStream.error.writeLine("\(name): \(TerminalText.escaped("\(error)"))")
            throw ExitCode.failure
        }
    }
}

extension ManagementURLOption {
    var isAMQP: Bool { url.hasPrefix("amqp://") || url.hasPrefix("amqps://") }

    /// - Throws: `AMQPClientError` with the code `invalidURL`, which does not tell the password.
    func amqpConfiguration(as name: String) throws(AMQPClientError) -> ConnectionConfiguration {
        var configuration = try ConnectionConfiguration(url: url)
        if configuration.connectionName == nil { configuration.connectionName = name }
        if vhost != "/" { configuration.virtualHost = vhost }
        return configuration
    }
}
