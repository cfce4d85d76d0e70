/// One thing that is wrong in a definition file.
public struct DefinitionError: Error, Hashable, Sendable, CustomStringConvertible {
    public var location: SourceLocation
    /// The way from the root to the value, for example `queues[2].arguments.x-message-ttl`; empty if the error is not
    /// about one value (broken syntax).
    public var keyPath: String
    /// One sentence for people. It never holds a password, nor any other value of a user or a parameter.
    public var message: String

    public init(location: SourceLocation, keyPath: String, message: String) {
        self.location = location
        self.keyPath = keyPath
        self.message = message
    }

    /// For example `topology.yaml:12:14: queues[2].durable: expected true or false, found "yes please"`.
    public var description: String {
        keyPath.isEmpty ? "\(location): \(message)" : "\(location): \(keyPath): \(message)"
    }
}
