/// What error texts call a queue or an exchange: `queue 'q' in vhost '/'`.
public struct ResourceName: Hashable, Sendable {
    public enum Kind: String, Sendable {
        case queue
        case exchange
    }

    public let kind: Kind
    public let name: String
    public let virtualHost: String

    public init(_ kind: Kind, _ name: String, in virtualHost: String) {
        self.kind = kind
        self.name = name
        self.virtualHost = virtualHost
    }

    /// RabbitMQ's wording.
    public var text: String { "\(kind.rawValue) '\(name)' in vhost '\(virtualHost)'" }
}
