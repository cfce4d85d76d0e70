import Logging

/// What a plugin is given to work with.
public struct PluginContext: Sendable {
    public let server: BrokerServer
    /// The server's, with the plugin's name in its metadata.
    public let logger: Logger

    /// Tells the server that a listener named in `ServerPlugin.listenerNames` accepts connections.
    public func listening(_ listener: Listener) {
        server.board.opened(listener)
    }
}
