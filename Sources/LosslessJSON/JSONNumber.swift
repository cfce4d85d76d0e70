/// What a number of JSON is worth, however it is written: `1.50`, `15e-1` and `1.5` are the same. Exact for any number of digits, and
/// for exponents up to a quarter of 64 bits: those beyond are all the same.
struct JSONNumber: Equatable {
    private static let exponentMax = Int.max / 4

    private let isNegative: Bool
    /// Without zeros at either end; empty for zero.
    private let digits: [UInt8]
    /// Of ten, for the last digit.
    private let exponent: Int

    /// - Parameter text: as RFC 8259 has it.
    init(_ text: String) {
        var digits: [UInt8] = []
        var exponent = 0
        var isBehindPoint = false
        var rest = Substring(text).utf8
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "."): isBehindPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                let written = Int(Substring(rest)) ?? (rest.first == UInt8(ascii: "-") ? .min : .max)
                exponent += max(-Self.exponentMax, min(Self.exponentMax, written))
                rest = ""[...].utf8
            default:
                digits.append(byte)
                if isBehindPoint { exponent -= 1 }
            }
        }
        let zero = UInt8(ascii: "0")
        while digits.last == zero {
            digits.removeLast()
            exponent += 1
        }
        self.digits = Array(digits.drop { $0 == zero })
        self.exponent = self.digits.isEmpty ? 0 : exponent
        self.isNegative = isNegative && !self.digits.isEmpty
    }
}
