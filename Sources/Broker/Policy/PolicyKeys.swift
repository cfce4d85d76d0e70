import AMQPProtocol

/// Those keys of a policy's definition that begin alike and belong together.
struct PolicyKeys {
    /// Of exchanges, queues and routing keys, in bytes.
    private static let nameBytesMax = 255

    private let values: [FieldTable.Entry]

    init(_ definition: FieldTable, prefix: String) {
        values = definition.entries.filter { $0.name.hasPrefixBytes(prefix) }
    }

    var isEmpty: Bool { values.isEmpty }

    /// The first key in the definition's order; empty if there is none.
    var first: String { values.first?.name ?? "" }

    func has(_ key: String) -> Bool { values.contains { $0.name == key } }

    private subscript(key: String) -> FieldValue? { values.last { $0.name == key }?.value }

    func refuseUnknown(known: [String]) throws(PolicyError) {
        guard let unknown = values.first(where: { !known.contains($0.name) }) else { return }
        throw PolicyError(
            key: unknown.name, reason: "there is no such key: expected some of \(known.joined(separator: ", "))")
    }

    func integer(_ key: String, _ range: ClosedRange<Int64>) throws(PolicyError) -> Int64? {
        guard let value = self[key] else { return nil }
        return try Self.integer(key, value, range)
    }

    func text(_ key: String) throws(PolicyError) -> String? {
        guard let value = self[key] else { return nil }
        return try Self.text(key, value)
    }

    func routingKey(_ key: String) throws(PolicyError) -> String? {
        guard let value = self[key] else { return nil }
        return try Self.routingKey(key, value)
    }

    /// A queue's name, which is not empty.
    func name(_ key: String) throws(PolicyError) -> String? {
        guard let name = try text(key) else { return nil }
        guard (1...Self.nameBytesMax).contains(name.utf8.count) else {
            throw PolicyError(key: key, reason: "expected a name of 1 to \(Self.nameBytesMax) bytes")
        }
        return name
    }

    func boolean(_ key: String) throws(PolicyError) -> Bool? {
        guard let value = self[key] else { return nil }
        guard case .boolean(let answer) = value else { throw PolicyError(key: key, reason: "expected true or false") }
        return answer
    }

    // MARK: Single values

    static func integer(
        _ key: String, _ value: FieldValue, _ range: ClosedRange<Int64>
    ) throws(PolicyError) -> Int64 {
        guard let number = value.integerValue, range.contains(number) else {
            throw PolicyError(
                key: key, reason: "expected an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    static func text(_ key: String, _ value: FieldValue) throws(PolicyError) -> String {
        guard let text = value.stringValue else { throw PolicyError(key: key, reason: "expected a string") }
        return text
    }

    /// Frames carry no longer ones.
    static func routingKey(_ key: String, _ value: FieldValue) throws(PolicyError) -> String {
        let text = try text(key, value)
        guard text.utf8.count <= QueueSettings.routingKeyBytesMax else {
            throw PolicyError(
                key: key,
                reason: "expected at most \(QueueSettings.routingKeyBytesMax) bytes, found \(text.utf8.count)")
        }
        return text
    }
}
