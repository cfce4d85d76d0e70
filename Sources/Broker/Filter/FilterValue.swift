/// Something that a message says, read in place.
enum FilterValue {
    case text(UnsafeRawBufferPointer)
    case integer(Int64)
    case number(Double)
    case boolean(Bool)
    case null
    /// An object, an array, a table: it is there, and equals nothing.
    case other

    /// A number, also one that is written as text; nil for everything else.
    var asNumber: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .text(let bytes): DecimalText.number(bytes)
        case .boolean, .null, .other: nil
        }
    }
}
