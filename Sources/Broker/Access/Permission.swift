/// What a user may do in a virtual host: three regular expressions on names, as in RabbitMQ.
public struct Permission: Equatable, Sendable {
    public enum Operation: String, Sendable {
        case configure
        case write
        case read
    }

    public var configure: String
    public var write: String
    public var read: String

    public init(configure: String, write: String, read: String) {
        self.configure = configure
        self.write = write
        self.read = read
    }

    public static let all = Permission(configure: ".*", write: ".*", read: ".*")

    func pattern(for operation: Operation) -> String {
        switch operation {
        case .configure: configure
        case .write: write
        case .read: read
        }
    }
}
