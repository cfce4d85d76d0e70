import ArgumentParser
import Foundation

/// Which broker a command talks to over its management HTTP API.
struct ManagementURLOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The broker's management API: http://user:password@host:port, or https. User and password are guest and guest "
                + "if none are named.",
            valueName: "url"))
    var url = "http://guest:guest@127.0.0.1:15672"

    @Option(help: "The virtual host.")
    var vhost = "/"

    func validate() throws { _ = try endpoint() }

    /// - Throws: `ValidationError`, which does not tell the password.
    func endpoint() throws -> ManagementEndpoint {
        guard let endpoint = ManagementEndpoint(url: url) else {
            throw ValidationError("--url: expected http://user:password@host:port")
        }
        return endpoint
    }
}
