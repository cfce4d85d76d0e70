import AMQPProtocol

/// What an edited copy of a message is to be.
public struct EditedContent: Sendable {
    public var properties: BasicProperties
    public var body: [UInt8]

    public init(properties: BasicProperties, body: [UInt8]) {
        self.properties = properties
        self.body = body
    }

    /// The same, read in place.
    struct View {
        let properties: UnsafeRawBufferPointer
        let body: UnsafeRawBufferPointer
    }

    /// Headers in which the broker tells what has become of a message. An edit may take them out, and not change them: what they
    /// say counts as the broker's word.
    private static func isBrokers(_ header: String) -> Bool {
        header == "x-death" || header.hasPrefix("x-first-death-") || header.hasPrefix("x-last-death-")
    }

    /// - Throws: `badRequest` for what no publisher could have sent, or may not say.
    func check(against original: BasicProperties, _ session: Session) throws(EditError) {
        let most = session.virtualHost.core.messageBytesMax
        guard body.count <= most else { throw .badRequest("the body has more than \(most) bytes") }
        for entry in properties.headers?.entries ?? [] where Self.isBrokers(entry.name) {
            guard original.headers?[entry.name] == entry.value else {
                throw .badRequest("header '\(entry.name)' is the broker's word: it can be taken out, not changed")
            }
        }
        if let user = properties.userID, user != original.userID, user != session.user.name {
            throw .badRequest("user_id can be kept, taken out, or made '\(session.user.name)'")
        }
        if let expiration = properties.expiration, UInt64(expiration) == nil {
            throw .badRequest("expiration: expected milliseconds in decimal digits")
        }
    }

    /// Calls `body` with the content as it stands on the wire.
    func withView<Result>(_ body: (View) throws(EditError) -> Result) throws(EditError) -> Result {
        var buffer = WireBuffer()
        properties.encode(into: &buffer)
        let head = OwnedBytes(buffer.bytes)
        let content = self.body.withUnsafeBytes { OwnedBytes($0) }
        guard (try? PropertiesView(validating: head.bytes)) != nil else {
            throw .badRequest("the properties are more than a message can have")
        }
        return try body(View(properties: head.bytes, body: content.bytes))
    }
}
