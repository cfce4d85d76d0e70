import AMQPProtocol
import LosslessJSON

/// Properties and headers that somebody has changed as JSON.
enum PropertiesJSON {
    /// What a short string on the wire has room for.
    private static let textBytesMax = 255

    private static var texts: [(String, WritableKeyPath<BasicProperties, String?>)] {
        [
            ("content_type", \.contentType), ("content_encoding", \.contentEncoding),
            ("correlation_id", \.correlationID), ("reply_to", \.replyTo), ("expiration", \.expiration),
            ("message_id", \.messageID), ("type", \.type), ("user_id", \.userID), ("app_id", \.appID),
            ("cluster_id", \.clusterID),
        ]
    }

    /// Sets what is there, and takes out what is not, or null.
    ///
    /// - Throws: 400 for a name that is no property's, and for values that it can't have.
    static func apply(_ fields: [String: JSONValue], to properties: inout BasicProperties) throws(APIError) {
        var fields = fields.filter { $0.value != .null }
        for (name, path) in texts {
            switch fields.removeValue(forKey: name) {
            case nil: properties[keyPath: path] = nil
            case .string(let text) where text.utf8.count <= textBytesMax: properties[keyPath: path] = text
            default: throw .badRequest("properties: \(name): expected a text of \(textBytesMax) bytes at the most")
            }
        }
        properties.deliveryMode = try number("delivery_mode", in: 1...2, &fields)
        properties.priority = try number("priority", in: 0...255, &fields)
        properties.timestamp = try number("timestamp", in: 0...UInt64.max, &fields)
        if let name = fields.keys.min() { throw .badRequest("properties: no property is called '\(name)'") }
    }

    private static func number<Number: FixedWidthInteger>(
        _ name: String, in range: ClosedRange<Number>, _ fields: inout [String: JSONValue]
    ) throws(APIError) -> Number? {
        let number: Number?
        switch fields.removeValue(forKey: name) {
        case nil: return nil
        case .integer(let value): number = Number(exactly: value)
        case .unsigned(let value): number = Number(exactly: value)
        default: number = nil
        }
        guard let number, range.contains(number) else {
            throw .badRequest("properties: \(name): expected a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// - Parameter kept: the headers as they were: those that are the same as JSON keep their place and type.
    /// - Returns: nil if there are none.
    static func headers(
        _ fields: [String: JSONValue], keeping kept: FieldTable
    ) throws(APIError) -> FieldTable? {
        var entries: [FieldTable.Entry] = []
        for entry in kept.entries {
            guard let value = fields[entry.name] else { continue }
            let isSame = value.isSameJSON(as: JSONValue(entry.value))
            entries.append(.init(name: entry.name, value: isSame ? entry.value : try field(entry.name, value)))
        }
        for name in fields.keys.sorted() where kept[name] == nil {
            guard name.utf8.count <= textBytesMax else {
                throw .badRequest("headers: a name has \(textBytesMax) bytes at the most")
            }
            entries.append(.init(name: name, value: try field(name, fields[name] ?? .null)))
        }
        return entries.isEmpty ? nil : FieldTable(entries)
    }

    private static func field(_ name: String, _ value: JSONValue, depth: Int = 1) throws(APIError) -> FieldValue {
        guard depth < FieldTable.nestingMax else { throw .badRequest("headers: \(name): nested too deeply") }
        switch value {
        case .null: return .void
        case .boolean(let value): return .boolean(value)
        case .integer(let value): return .int64(value)
        case .unsigned: throw .badRequest("headers: \(name): the number is larger than a header can have")
        case .number(let text):
            // An integer that is too large for a header would be another one as a double.
            guard text.contains(where: { ".eE".contains($0) }), let value = Double(text), value.isFinite else {
                throw .badRequest("headers: \(name): the number is larger than a header can have")
            }
            return .double(value)
        case .string(let text): return .string(text)
        case .array(let elements):
            var fields: [FieldValue] = []
            for element in elements { fields.append(try field(name, element, depth: depth + 1)) }
            return .array(fields)
        case .object(let values):
            var entries: [FieldTable.Entry] = []
            for (key, value) in values.sorted(by: { $0.key < $1.key }) {
                guard key.utf8.count <= textBytesMax else {
                    throw .badRequest("headers: a name has \(textBytesMax) bytes at the most")
                }
                entries.append(.init(name: key, value: try field(name, value, depth: depth + 1)))
            }
            return .table(FieldTable(entries))
        }
    }
}
