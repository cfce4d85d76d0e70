/// A user of the broker. The secret is a clear password (hand-written files), or a salted hash (exports); with neither
/// the user cannot log in with a password.
public struct UserDefinition: Hashable, Sendable {
    public var name: String
    /// In clear. Never put it into a log or an error.
    public var password: String?
    /// Base64 of a four-byte salt and the hash of salt and password, as RabbitMQ stores it. Empty, as RabbitMQ exports
    /// it for a user without a password, no password fits.
    public var passwordHash: String?
    /// RabbitMQ's module name, one of ``hashingAlgorithms``. Without one the hash is SHA-256.
    public var hashingAlgorithm: String?
    /// For example `administrator`, `monitoring`.
    public var tags: [String]
    /// `max-connections` and `max-channels`; below zero means no limit.
    public var limits: [String: Int]
    public var location: SourceLocation

    /// The names that a hashing algorithm can have.
    public static let hashingAlgorithms = [
        "rabbit_password_hashing_sha256", "rabbit_password_hashing_sha512", "rabbit_password_hashing_md5",
    ]

    public init(
        name: String,
        password: String? = nil,
        passwordHash: String? = nil,
        hashingAlgorithm: String? = nil,
        tags: [String] = [],
        limits: [String: Int] = [:],
        location: SourceLocation
    ) {
        self.name = name
        self.password = password
        self.passwordHash = passwordHash
        self.hashingAlgorithm = hashingAlgorithm
        self.tags = tags
        self.limits = limits
        self.location = location
    }
}

extension UserDefinition: CustomStringConvertible, CustomReflectable {
    /// Without the secrets, so that printing a set of definitions does not leak them.
    public var description: String { "user \(quoted(name)) (\(location))" }

    public var customMirror: Mirror {
        Mirror(self, children: ["name": name, "tags": tags, "limits": limits, "location": location])
    }
}
