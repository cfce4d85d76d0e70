extension JSONValue {
    /// Arrays and objects in each other: 0 for anything else.
    public var depth: Int {
        switch self {
        case .array(let elements): 1 + (elements.lazy.map(\.depth).max() ?? 0)
        case .object(let fields): 1 + (fields.values.lazy.map(\.depth).max() ?? 0)
        default: 0
        }
    }

    /// About what it takes, in memory and when it is written.
    public var approximateByteCount: Int {
        let own = 16
        return switch self {
        case .string(let text), .number(let text): own + text.utf8.count
        case .array(let elements): elements.reduce(own) { $0 + $1.approximateByteCount }
        case .object(let fields): fields.reduce(own) { $0 + $1.key.utf8.count + $1.value.approximateByteCount }
        default: own
        }
    }
}
