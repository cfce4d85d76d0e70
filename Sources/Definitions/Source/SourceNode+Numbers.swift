extension SourceNode.Content {
    /// A decimal whole number that has been checked to be one.
    static func whole(_ text: String) -> SourceNode.Content {
        Int64(text).map { .integer($0) } ?? .numberOutOfRange(text)
    }

    /// A decimal number with a fraction or an exponent that has been checked to be one.
    static func fractional(_ text: String) -> SourceNode.Content {
        guard let value = Double(text), value.isFinite else { return .numberOutOfRange(text) }
        return .double(value)
    }
}
