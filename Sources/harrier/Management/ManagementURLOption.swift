import ArgumentParser
import Foundation
import HarrierManagement

/// Which broker a command talks to over its management HTTP API.
struct ManagementURLOption: ParsableArguments {
    private static let environmentName = "HARRIER_MANAGEMENT_URL"

    // Not with a default that help would show: there may be a password in the environment.
    @Option(
        name: .customLong("url"),
        help: ArgumentHelp(
            "The broker's management API: http://user:password@host:port, or https; http://127.0.0.1:15672, or what "
                + "\(Self.environmentName) says, unless it is given. User and password are guest and guest if none are named. "
                + "`harrier dlq list`, browse and move take amqp://… as well, of any AMQP 0-9-1 broker.",
            valueName: "url"))
    var givenURL: String?

    var url: String {
        givenURL ?? ProcessInfo.processInfo.environment[Self.environmentName] ?? "http://guest:guest@127.0.0.1:15672"
    }

    @Option(help: "The virtual host.")
    var vhost = "/"

    func validate() throws { if !isAMQP { _ = try endpoint() } }

    /// - Throws: `ValidationError`, which does not tell the password.
    func endpoint() throws -> ManagementEndpoint {
        guard !isAMQP else {
            throw ValidationError("--url: this needs Harrier's management API: http://user:password@host:port")
        }
        guard let endpoint = ManagementEndpoint(url: url) else {
            throw ValidationError("--url: expected http://user:password@host:port")
        }
        return endpoint
    }
}
