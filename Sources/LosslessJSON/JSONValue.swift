/// Any JSON (RFC 8259), without loss: a number that is no 64-bit integer stays as it is written, so neither `19.90` nor forty
/// digits become something else on the way. Foundation's decoders would make doubles of them.
///
/// The order of an object's names is not kept.
public enum JSONValue: Equatable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    /// Above `Int64.max`.
    case unsigned(UInt64)
    /// Any other number, as it is written: by RFC 8259's grammar. Another text is written as null.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    public init(_ value: Int) { self = .integer(Int64(value)) }

    public init(_ value: UInt64) { self = Int64(exactly: value).map { .integer($0) } ?? .unsigned(value) }

    /// Null for what JSON does not have: infinities, and what is no number.
    public init(_ value: Double) { self = value.isFinite ? .number("\(value)") : .null }

    public init(_ text: String?) { self = text.map { .string($0) } ?? .null }

    public init(_ value: UInt64?) { self = value.map { JSONValue($0) } ?? .null }

    public init(_ value: Int?) { self = value.map { JSONValue($0) } ?? .null }

    /// The same value, numbers by what they are worth, whatever they are written like, and texts by their bytes.
    public func isSameJSON(as other: JSONValue) -> Bool {
        switch (self, other) {
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.isSameJSON(as: $1) }
        case (.object(let left), .object(let right)):
            left.count == right.count
                && left.allSatisfy { name, value in
                    // To a dictionary, names are the same that look the same.
                    guard let index = right.index(forKey: name) else { return false }
                    return right[index].key.utf8.elementsEqual(name.utf8) && right[index].value.isSameJSON(as: value)
                }
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.null, .null): true
        case (.boolean(let left), .boolean(let right)): left == right
        default:
            if let left = numberText, let right = other.numberText {
                JSONNumber(left) == JSONNumber(right)
            } else {
                false
            }
        }
    }

    /// As it is written, for numbers.
    var numberText: String? {
        switch self {
        case .integer(let value): "\(value)"
        case .unsigned(let value): "\(value)"
        case .number(let text): text
        default: nil
        }
    }
}

// MARK: Reading

extension JSONValue {
    public var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    public var boolean: Bool? {
        guard case .boolean(let value) = self else { return nil }
        return value
    }

    /// Nil for what is no integer, or too large.
    public var integer: Int? {
        guard case .integer(let value) = self else { return nil }
        return Int(exactly: value)
    }

    public var array: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    public var object: [String: JSONValue]? {
        guard case .object(let fields) = self else { return nil }
        return fields
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    public init(nilLiteral: ()) { self = .null }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { first, _ in first })
    }
}
