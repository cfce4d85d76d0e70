/// Something that a message says, read in place.
enum FilterValue {
    case text(UnsafeRawBufferPointer)
    case integer(Int64)
    case number(Double)
    /// An integer that 64 bits have no room for, as it is written: as a double it would be the same as its neighbours.
    case digits(UnsafeRawBufferPointer)
    case boolean(Bool)
    case null
    /// An object, an array, a table: it is there, and equals nothing.
    case other

    /// A number, also one that is written as text; nil for everything else.
    var asNumber: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .text(let bytes), .digits(let bytes): DecimalText.number(bytes)
        case .boolean, .null, .other: nil
        }
    }
}
