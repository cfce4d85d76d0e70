extension JSONValue {
    /// Numbers by what they are worth, whatever they are written like.
    func isSameJSON(as other: JSONValue) -> Bool {
        switch (self, other) {
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.isSameJSON(as: $1) }
        case (.object(let left), .object(let right)):
            left.count == right.count && left.allSatisfy { name, value in right[name]?.isSameJSON(as: value) ?? false }
        case (.integer(let left), .number(let right)), (.number(let right), .integer(let left)): Double(left) == right
        case (.integer(let left), .unsigned(let right)), (.unsigned(let right), .integer(let left)):
            UInt64(exactly: left) == right
        case (.unsigned(let left), .number(let right)), (.number(let right), .unsigned(let left)): Double(left) == right
        default: self == other
        }
    }
}
