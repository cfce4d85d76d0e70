/// A value as text: what is none is written as JSON would write it.
enum FilterText {
    /// Calls `body` with the text; with nil for what has none.
    static func with<Result>(_ value: FilterValue, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        switch value {
        case .text(let bytes), .digits(let bytes): return body(bytes)
        case .integer(let value): return with("\(value)", body)
        case .number(let value): return with("\(value)", body)
        case .boolean(let value): return with(value ? "true" : "false", body)
        case .null, .other: return body(nil)
        }
    }

    private static func with<Result>(_ text: String, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        var text = text
        return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}
