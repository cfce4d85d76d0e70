import Broker
import ServiceLifecycle

/// Something optional: an exchange type, a management API, a bridge, another protocol.
///
/// Plugins are compiled in and listed where the server is started, for `harrier serve` in its `main`. They stand on
/// the public API of this module alone, so a plugin of yours can do what ours do.
public protocol ServerPlugin: Sendable {
    /// For log lines and errors.
    var name: String { get }

    /// The listeners that the plugin's services open and report with `PluginContext.listening`. The server is not
    /// ready before all of them have been.
    var listenerNames: [String] { get }

    /// Registers exchange types and the like. Called before the data directory is opened, so that what was declared
    /// in an earlier run is recovered, and by `harrier definitions check`, which serves nobody.
    func extend(_ extensions: inout BrokerExtensions)

    /// Called once in the life of a server, before its data directory is open: use `PluginContext.server` from within
    /// the services, and expect `ServerNotRunning` from it until the recovery is done.
    ///
    /// The services run until the server has closed its clients' connections and its data directory; then they are
    /// asked to shut down gracefully. One that throws or returns before that stops the server.
    func makeServices(_ context: PluginContext) throws -> [any Service]
}

extension ServerPlugin {
    public var listenerNames: [String] { [] }

    public func extend(_ extensions: inout BrokerExtensions) {}

    public func makeServices(_ context: PluginContext) throws -> [any Service] { [] }
}
