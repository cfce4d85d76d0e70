/// What a user may do in a virtual host. The three patterns are regular expressions over names of queues and
/// exchanges; an empty one matches nothing.
public struct PermissionDefinition: Hashable, Sendable {
    public var user: String
    public var vhost: String
    public var configure: String
    public var write: String
    public var read: String
    public var location: SourceLocation

    public init(
        user: String, vhost: String, configure: String, write: String, read: String, location: SourceLocation
    ) {
        self.user = user
        self.vhost = vhost
        self.configure = configure
        self.write = write
        self.read = read
        self.location = location
    }
}
