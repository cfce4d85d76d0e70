import Logging
import ServiceLifecycle

/// A `BrokerServer` as a service among others: it runs until graceful shutdown is asked for, or a plugin fails.
public struct BrokerService: Service, CustomStringConvertible {
    private let configuration: ServerConfiguration
    private let plugins: [any ServerPlugin]
    private let logger: Logger
    private let whenReady: @Sendable (BrokerServer) -> Void

    /// - Parameter whenReady: called once, when clients are accepted.
    public init(
        _ configuration: ServerConfiguration,
        plugins: [any ServerPlugin] = [],
        logger: Logger,
        whenReady: @escaping @Sendable (BrokerServer) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.plugins = plugins
        self.logger = logger
        self.whenReady = whenReady
    }

    public var description: String { "broker" }

    /// Throws what `BrokerServer.start` throws, and the error of a plugin's service that ended by itself. The data
    /// directory is closed and synced when it returns or throws.
    public func run() async throws {
        let server = try await BrokerServer.start(configuration, plugins: plugins, logger: logger)
        whenReady(server)
        let outcome = await Self.waitForEnd(of: server)
        try await server.shutdown()
        try outcome.get()
    }

    private static func waitForEnd(of server: BrokerServer) async -> Result<Void, any Error> {
        await withTaskGroup(of: Result<Void, any Error>.self) { group in
            group.addTask {
                // Thrown when the task is cancelled, which is one more way to be told to stop.
                try? await gracefulShutdown()
                return .success(())
            }
            group.addTask {
                await server.pluginFailure().map { .failure($0) } ?? .success(())
            }
            defer { group.cancelAll() }
            return await group.next() ?? .success(())
        }
    }
}
