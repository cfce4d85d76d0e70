import AMQPProtocol

extension FieldValue {
    /// The value as RabbitMQ's error texts print it (Erlang's `~tp`), for example `<<"zz">>`.
    var erlangText: String {
        switch self {
        case .boolean(let value): "\(value)"
        case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64: "\(integerValue ?? 0)"
        case .float(let value): "\(Double(value))"
        case .double(let value): "\(value)"
        case .decimal(let scale, let value): "{\(scale),\(value)}"
        case .longString(let bytes), .bytes(let bytes): Self.erlangText(of: bytes)
        case .array(let values): "[\(values.map { "{\($0.typeName),\($0.erlangText)}" }.joined(separator: ","))]"
        case .timestamp(let value): "\(value)"
        case .table(let table): "[\(table.entries.map(Self.erlangText).joined(separator: ","))]"
        case .void: "undefined"
        }
    }

    private static func erlangText(of entry: FieldTable.Entry) -> String {
        "{\(erlangText(of: Array(entry.name.utf8))),\(entry.value.typeName),\(entry.value.erlangText)}"
    }

    /// Text if it can be printed, otherwise the numbers of the bytes.
    private static func erlangText(of bytes: [UInt8]) -> String {
        guard !bytes.isEmpty else { return "<<>>" }
        guard let text = String(validating: bytes, as: UTF8.self), text.unicodeScalars.allSatisfy(isPrintable) else {
            return "<<\(bytes.map { "\($0)" }.joined(separator: ","))>>"
        }
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            default: String(scalar)
            }
        }
        return "<<\"\(escaped.joined())\"\(text.utf8.allSatisfy { $0 < 0x80 } ? "" : "/utf8")>>"
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0xA0 || (0x20...0x7E).contains(scalar.value) || "\n\r\t".unicodeScalars.contains(scalar)
    }
}
