import BrokerServer
import ServiceLifecycle

/// Serves the management HTTP API.
///
/// It never runs on the core's loop and looks at the broker through `BrokerServer` only, so that no request, however
/// many or slow they are, takes more of the core's time than the answer it asks for.
public struct ManagementPlugin: ServerPlugin {
    private let host: String
    private let port: Int

    /// - Parameter port: 0 for any free one, see `BrokerServer.port(of:)` with the name `http`.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    public var name: String { "management" }

    public var listenerNames: [String] { [HTTPService.listenerName] }

    public func makeServices(_ context: PluginContext) -> [any Service] {
        [HTTPService(host: host, port: port, context: context)]
    }
}
