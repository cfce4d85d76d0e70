import AMQPProtocol

/// What of a message decides where it goes.
enum HashedPart {
    case routingKey
    /// The value of the header of that name.
    case header([UInt8])
    case messageID
    case correlationID
    case timestamp

    /// Reads `hash-header` and `hash-property`. The routing key counts if neither is there.
    ///
    /// - Throws: 406 if both are there, for a property that can't be hashed, and for a value that is no text.
    init(_ arguments: FieldTable) throws(AMQPException) {
        let header = try Self.text("hash-header", arguments)
        let property = try Self.text("hash-property", arguments)
        switch (header, property) {
        case (nil, nil): self = .routingKey
        case (let name?, nil): self = .header(Array(name.utf8))
        case (nil, "message_id"?): self = .messageID
        case (nil, "correlation_id"?): self = .correlationID
        case (nil, "timestamp"?): self = .timestamp
        case (nil, let property?): throw .channel(.preconditionFailed, "Unsupported property: \(property)")
        case (.some, .some):
            throw .channel(.preconditionFailed, "hash-header and hash-property are mutually exclusive")
        }
    }

    private static func text(_ name: String, _ arguments: FieldTable) throws(AMQPException) -> String? {
        guard let value = arguments[name] else { return nil }
        guard let text = value.stringValue else {
            throw .channel(
                .preconditionFailed, "invalid type '\(value.typeName)' for arg '\(name)': expected a string")
        }
        return text
    }

    /// The part's hash. Messages that lack it have one and the same, so they go to one queue.
    @inline(__always)
    func hash(routingKey: UnsafeRawBufferPointer, _ properties: PropertiesView) -> UInt64 {
        switch self {
        case .routingKey: return StableHash.hash(routingKey)
        case .messageID: return Self.hash(properties.messageID)
        case .correlationID: return Self.hash(properties.correlationID)
        case .timestamp: return properties.timestamp.map(StableHash.hash) ?? 0
        case .header(let name):
            let value = name.withUnsafeBytes { name in properties.headers?.find(name) }
            guard let value, !value.isVoid else { return 0 }
            // The same number is the same key, whatever its width.
            if let integer = value.integer { return StableHash.hash(UInt64(bitPattern: integer)) }
            return StableHash.hash(value.bytes)
        }
    }

    private static func hash(_ text: UnsafeRawBufferPointer?) -> UInt64 {
        guard let text else { return 0 }
        return StableHash.hash(text)
    }
}
