/// Why a load could not be put on a broker, or not to its end.
public struct LoadError: Error, Equatable, Sendable {
    public enum Kind: Sendable {
        /// What is asked for contradicts itself or goes over a limit; nothing has been done.
        case plan
        /// The broker, or the way to it.
        case broker
    }

    public let kind: Kind
    /// A sentence for people. Holds no password.
    public let message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    static func plan(_ message: String) -> LoadError { LoadError(.plan, message) }
    static func broker(_ message: String) -> LoadError { LoadError(.broker, message) }
    static func protocolViolation(_ detail: String) -> LoadError { .broker("the broker broke the protocol: \(detail)") }
}

extension LoadError: CustomStringConvertible {
    public var description: String { message }
}
