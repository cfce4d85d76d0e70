/// A socket that the server, or one of its plugins, accepts connections on.
public struct Listener: Sendable, Hashable {
    /// The protocol in lower case, unique in a server: `amqp`, `amqps`, `http`.
    public let name: String
    /// The address as configured.
    public let host: String
    /// The port in use, also when any free one was asked for.
    public let port: Int

    public init(name: String, host: String, port: Int) {
        self.name = name
        self.host = host
        self.port = port
    }
}
