import AMQPProtocol

/// A header's value as JSON. Types that JSON does not have become the nearest that it has: bytes become text, with
/// replacement characters where they are none, and timestamps seconds since 1970.
struct FieldValueJSON: Encodable {
    private let value: FieldValue

    init(_ value: FieldValue) {
        self.value = value
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) {
            self.stringValue = stringValue
        }

        init?(intValue: Int) {
            nil
        }
    }

    func encode(to encoder: any Encoder) throws {
        switch value {
        case .table(let table):
            var object = encoder.container(keyedBy: Key.self)
            for entry in table.entries {
                try object.encode(FieldValueJSON(entry.value), forKey: Key(stringValue: entry.name))
            }
        case .array(let elements):
            var array = encoder.unkeyedContainer()
            for element in elements { try array.encode(FieldValueJSON(element)) }
        default:
            try encodeScalar(to: encoder)
        }
    }

    private func encodeScalar(to encoder: any Encoder) throws {
        var single = encoder.singleValueContainer()
        switch value {
        case .boolean(let value): try single.encode(value)
        case .float(let value) where value.isFinite: try single.encode(value)
        case .double(let value) where value.isFinite: try single.encode(value)
        case .decimal(let scale, let value): try single.encode(Self.text(scale: scale, value: value))
        case .longString(let bytes), .bytes(let bytes): try single.encode(String(decoding: bytes, as: UTF8.self))
        case .timestamp(let seconds): try single.encode(seconds)
        default:
            if let integer = value.integerValue { try single.encode(integer) } else { try single.encodeNil() }
        }
    }

    /// A decimal as text, since not every one has an exact number in JSON's readers.
    private static func text(scale: UInt8, value: UInt32) -> String {
        var digits = String(value)
        guard scale > 0 else { return digits }
        digits = String(repeating: "0", count: max(0, Int(scale) + 1 - digits.count)) + digits
        return digits.dropLast(Int(scale)) + "." + digits.suffix(Int(scale))
    }
}
