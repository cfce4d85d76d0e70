/// Which routing keys a user may publish to and bind with on a topic exchange: two regular expressions.
public struct TopicPermissionDefinition: Hashable, Sendable {
    public var user: String
    public var vhost: String
    public var exchange: String
    public var write: String
    public var read: String
    public var location: SourceLocation

    public init(user: String, vhost: String, exchange: String, write: String, read: String, location: SourceLocation) {
        self.user = user
        self.vhost = vhost
        self.exchange = exchange
        self.write = write
        self.read = read
        self.location = location
    }
}
