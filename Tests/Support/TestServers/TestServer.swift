import Broker
import BrokerServer
import Logging

/// A server for one test: free ports, a folder of its own, no log lines.
package enum TestServer {
    package static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    package static func configuration(in directory: TemporaryDirectory) -> ServerConfiguration {
        var configuration = ServerConfiguration(broker: BrokerConfiguration(dataDirectory: directory.path + "/data"))
        configuration.amqpPort = 0
        return configuration
    }

    /// Starts a server, runs the body, and shuts the server down, whatever the body does.
    package static func with<Result: Sendable>(
        ioThreads: Int = 0,
        plugins: [any ServerPlugin] = [],
        configure: (inout ServerConfiguration, TemporaryDirectory) throws -> Void = { _, _ in },
        _ body: (BrokerServer) async throws -> Result
    ) async throws -> Result {
        let directory = try TemporaryDirectory()
        var configuration = configuration(in: directory)
        configuration.ioThreadCount = ioThreads
        try configure(&configuration, directory)
        let server = try await BrokerServer.start(configuration, plugins: plugins, logger: silent)
        do {
            let result = try await body(server)
            try await server.shutdown()
            return result
        } catch {
            try await server.shutdown()
            throw error
        }
    }

    /// The error that a start ends with; `nil`, and a shutdown, if it succeeds.
    package static func startError(
        _ configuration: ServerConfiguration,
        plugins: [any ServerPlugin] = []
    ) async throws -> (any Error)? {
        let server: BrokerServer
        do {
            server = try await BrokerServer.start(configuration, plugins: plugins, logger: silent)
        } catch {
            return error
        }
        try await server.shutdown()
        return nil
    }
}
