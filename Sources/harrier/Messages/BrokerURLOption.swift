import ArgumentParser
import HarrierClient

/// Which broker a command talks to over AMQP.
struct BrokerURLOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The broker: amqp://user:password@host:port/vhost, or amqps for TLS. What is left out is guest, guest, "
                + "localhost, 5672 and the vhost /.",
            valueName: "url"))
    var url = "amqp://localhost"

    /// Connects, or says why not and ends the command. `command` is what the broker's tools show.
    func connect(as command: String) async throws -> HarrierConnection {
        do {
            var configuration = try ConnectionConfiguration(url: url)
            if configuration.connectionName == nil { configuration.connectionName = command }
            return try await HarrierConnection.connect(to: configuration)
        } catch let error where error.code == .invalidURL {
            throw ValidationError("--url: \(error)")
        } catch {
            StandardStream.error.writeLine("\(command): \(error)")
            throw ExitCode.failure
        }
    }
}
