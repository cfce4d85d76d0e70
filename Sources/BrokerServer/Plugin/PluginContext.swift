import Logging

/// What a plugin is given to work with.
public struct PluginContext: Sendable {
    public let server: BrokerServer
    /// Labelled with the plugin's name.
    public let logger: Logger

    /// Tells the server that a listener named in `ServerPlugin.listenerNames` accepts connections.
    public func listening(_ listener: Listener) {
        server.board.opened(listener)
    }
}
