import BrokerServer
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// The HTTP server.
struct HTTPService: Service, CustomStringConvertible {
    static let listenerName = "http"
    /// A connection on which nothing happens for so long is closed.
    private static let idleTimeout = TimeAmount.minutes(2)

    let host: String
    let port: Int
    let context: PluginContext

    var description: String { "http" }

    /// Throws `ListenError` if the address cannot be bound.
    func run() async throws {
        var logger = context.logger
        // What is of interest about this listener is told by the server; the rest is for debugging.
        logger.logLevel = max(logger.logLevel, .notice)
        let application = Application(
            router: ManagementRouter.make(server: context.server, logger: context.logger),
            server: .http1(configuration: HTTP1Channel.Configuration(idleTimeout: Self.idleTimeout)),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: "Harrier"),
            onServerRunning: { [context, host, port] channel in
                let portInUse = channel.localAddress?.port ?? port
                context.listening(Listener(name: Self.listenerName, host: host, port: portInUse))
            },
            // Not the core's: the process's own, which is never shut down. A group that ends with the service would end
            // too early, since Hummingbird still looks at its loop when `run` has returned.
            eventLoopGroupProvider: .singleton,
            logger: logger
        )
        do {
            try await application.run()
        } catch let error as IOError {
            throw ListenError(Listener(name: Self.listenerName, host: host, port: port), cause: error)
        }
    }
}
