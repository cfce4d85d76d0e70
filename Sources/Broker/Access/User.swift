/// Somebody who may log in.
public struct User: Sendable {
    public let name: String
    /// `nil`: no password opens this account.
    public var password: PasswordHash?
    /// `administrator`, `management`, `monitoring`, `policymaker`, `impersonator`, …
    public var tags: Set<String>

    public init(name: String, password: PasswordHash?, tags: Set<String>) {
        self.name = name
        self.password = password
        self.tags = tags
    }

    /// Whether the user may publish with another user's id (RabbitMQ's tag `impersonator`).
    public var mayImpersonate: Bool { tags.contains("impersonator") }
}
