import NIOSSL

extension ConnectionConfiguration {
    /// Reads `amqp://user:password@host:port/vhost`, or `amqps://…` for TLS, as RabbitMQ's URI specification has it.
    /// Whatever is left out has its default: `guest`, `guest`, `localhost`, 5672 or 5671, and the virtual host `/`,
    /// which also an empty path means. Parts may be percent-encoded; the virtual host `/` is written `%2F`.
    ///
    /// Of the query parameters `heartbeat` (seconds), `connection_timeout` (milliseconds), `channel_max`, and
    /// `name` (the connection's) are understood, and with `amqps` `cacertfile`, `certfile` and `keyfile` (paths of PEM files:
    /// whom to trust, and the client's own), `verify` (`verify_peer`, or `verify_none`, which trusts anybody) and
    /// `server_name_indication` (the name that the broker's certificate must carry).
    ///
    /// - Throws: ``AMQPClientError/Code/invalidURL``. The message does not repeat the password.
    public init(url: String) throws(AMQPClientError) {
        guard let schemeEnd = url.firstRange(of: "://") else { throw .invalidURL("it does not begin with amqp://") }
        let scheme = url[..<schemeEnd.lowerBound].lowercased()
        guard scheme == "amqp" || scheme == "amqps" else {
            throw .invalidURL("its scheme is '\(scheme)', not amqp or amqps")
        }
        var rest = url[schemeEnd.upperBound...]
        let query = rest.cut(at: "?")
        let path = rest.cut(at: "/")
        var address = rest
        var credentials: Substring?
        if let at = rest.lastIndex(of: "@") {
            credentials = rest[..<at]
            address = rest[rest.index(after: at)...]
        }
        let (host, port) = try Self.hostAndPort(address)
        self.init(host: host, port: port, tls: scheme == "amqps" ? .makeClientConfiguration() : nil)
        if var credentials {
            let password = credentials.cut(at: ":")
            user = try decoded(credentials, "user")
            if let password { self.password = try decoded(password, "password") }
        }
        if let path, !path.isEmpty {
            guard !path.contains("/") else { throw .invalidURL("a '/' in the virtual host must be written %2F") }
            virtualHost = try decoded(path, "virtual host")
        }
        try apply(query: query ?? "")
    }

    private static func hostAndPort(_ address: Substring) throws(AMQPClientError) -> (String, Int?) {
        var host = address
        var port: Substring?
        if address.first == "[" {
            // An IPv6 address, whose own colons are not those in front of the port.
            guard let end = address.firstIndex(of: "]") else { throw .invalidURL("a '[' is not closed") }
            host = address[address.index(after: address.startIndex)..<end]
            let behind = address[address.index(after: end)...]
            guard behind.isEmpty || behind.first == ":" else { throw .invalidURL("':' and a port must follow ']'") }
            port = behind.isEmpty ? nil : behind.dropFirst()
        } else {
            port = host.cut(at: ":")
        }
        let name = host.isEmpty ? "localhost" : try decoded(host, "host")
        guard let port, !port.isEmpty else { return (name, nil) }
        guard let number = UInt16(port), number > 0 else { throw .invalidURL("the port '\(port)' is no port") }
        return (name, Int(number))
    }

    private mutating func apply(query: Substring) throws(AMQPClientError) {
        for parameter in query.split(separator: "&") {
            var name = parameter
            let text = try decoded(name.cut(at: "=") ?? "", "parameter '\(name)'")
            switch name {
            case "heartbeat": heartbeatSeconds = try Self.number(text, name)
            case "connection_timeout": connectTimeoutMilliseconds = Int64(try Self.number(text, name) as UInt32)
            case "channel_max": channelMax = try Self.number(text, name)
            case "name": connectionName = text
            default:
                guard try applyTLS(name, text) else { throw .invalidURL("the parameter '\(name)' is unknown") }
            }
        }
        guard (tls?.privateKey == nil) == (tls?.certificateChain.isEmpty ?? true) else {
            throw .invalidURL("'certfile' and 'keyfile' go together")
        }
    }

    /// - Returns: false if that is none of TLS's parameters.
    private mutating func applyTLS(_ name: Substring, _ text: String) throws(AMQPClientError) -> Bool {
        guard ["cacertfile", "certfile", "keyfile", "verify", "server_name_indication"].contains(name) else {
            return false
        }
        guard tls != nil else { throw .invalidURL("the parameter '\(name)' is for amqps") }
        do {
            switch name {
            case "cacertfile": tls?.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(text))
            case "certfile":
                tls?.certificateChain = try NIOSSLCertificate.fromPEMFile(text).map { .certificate($0) }
            case "keyfile": tls?.privateKey = .privateKey(try NIOSSLPrivateKey(file: text, format: .pem))
            case "server_name_indication": tlsServerName = text
            case _ where text == "verify_peer": tls?.certificateVerification = .fullVerification
            case _ where text == "verify_none": tls?.certificateVerification = .none
            default: throw AMQPClientError.invalidURL("'verify' is verify_peer or verify_none, not '\(text)'")
            }
        } catch let error as AMQPClientError {
            throw error
        } catch {
            throw .invalidURL("'\(text)' for '\(name)' can't be read as PEM")
        }
        return true
    }

    private static func number<Number: FixedWidthInteger>(
        _ text: String, _ name: Substring
    ) throws(AMQPClientError) -> Number {
        guard let number = Number(text) else {
            throw .invalidURL("'\(text)' for '\(name)' is no number of at most \(Number.max)")
        }
        return number
    }
}

/// The text without its percent-encoding.
private func decoded(_ text: Substring, _ what: String) throws(AMQPClientError) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard rest.count >= 2, let value = UInt8(String(Substring(rest.prefix(2))), radix: 16) else {
            throw .invalidURL("in the \(what) a '%' is not followed by two hexadecimal digits")
        }
        bytes.append(value)
        rest = rest.dropFirst(2)
    }
    guard let decoded = String(validating: bytes, as: UTF8.self) else { throw .invalidURL("the \(what) is not UTF-8") }
    return decoded
}

extension Substring {
    /// Shortens itself to what stands before the separator, and returns what stands behind it.
    fileprivate mutating func cut(at separator: Character) -> Substring? {
        guard let index = firstIndex(of: separator) else { return nil }
        defer { self = self[..<index] }
        return self[self.index(after: index)...]
    }
}

extension AMQPClientError {
    fileprivate static func invalidURL(_ reason: String) -> AMQPClientError {
        AMQPClientError(.invalidURL, "this is no AMQP URL: \(reason)")
    }
}
