import AMQPProtocol

/// The ways to log in.
enum SASLMechanism: String, CaseIterable {
    case plain = "PLAIN"
    case amqplain = "AMQPLAIN"
    /// The name in the client's TLS certificate; offered only where there is one.
    case external = "EXTERNAL"

    /// What the client claims to be.
    enum Credentials {
        case password(user: String, password: [UInt8])
        case certificate(user: String)
    }

    static func offered(to peer: ConnectionPeer) -> [SASLMechanism] {
        allCases.filter { $0 != .external || peer.tlsPeerName != nil }
    }

    /// Reads the client's response; `nil` if it can't be one.
    func credentials(from response: [UInt8], peer: ConnectionPeer) -> Credentials? {
        switch self {
        case .plain: Self.plainCredentials(response)
        case .amqplain: Self.amqplainCredentials(response)
        case .external: peer.tlsPeerName.map { .certificate(user: $0) }
        }
    }

    /// RFC 4616: authorization identity, user, password, with zero octets between. As in RabbitMQ nobody acts for
    /// somebody else, so that the identity has to be empty.
    private static func plainCredentials(_ response: [UInt8]) -> Credentials? {
        let parts = response.split(separator: 0, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].isEmpty, let user = String(validating: parts[1], as: UTF8.self) else {
            return nil
        }
        return .password(user: user, password: Array(parts[2]))
    }

    /// The content of a field table with `LOGIN` and `PASSWORD`.
    private static func amqplainCredentials(_ response: [UInt8]) -> Credentials? {
        let table = response.withUnsafeBytes { try? FieldTable(decoding: $0) }
        guard let user = table?["LOGIN"]?.stringValue, case .longString(let password)? = table?["PASSWORD"] else {
            return nil
        }
        return .password(user: user, password: password)
    }
}
