import Logging
import ServiceLifecycle

/// The plugins' services while they run.
struct PluginRun: Sendable {
    private let group: ServiceGroup
    private let task: Task<Void, Never>

    /// Starts the services. If one of them fails, the server is told.
    init(plugins: [any ServerPlugin], server: BrokerServer, logger: Logger) throws {
        var services: [any Service] = []
        for plugin in plugins {
            var logger = logger
            logger[metadataKey: "plugin"] = "\(plugin.name)"
            services += try plugin.makeServices(PluginContext(server: server, logger: logger))
        }
        let group = ServiceGroup(services: services, logger: logger)
        self.group = group
        task = Task {
            do {
                try await group.run()
            } catch {
                server.pluginFailed(error)
            }
        }
    }

    /// Asks the services to shut down gracefully and waits for them.
    func stop() async {
        await group.triggerGracefulShutdown()
        await task.value
    }
}
