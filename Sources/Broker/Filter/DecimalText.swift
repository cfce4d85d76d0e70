/// Numbers as people and JSON write them.
enum DecimalText {
    /// Texts that are longer are no numbers here.
    private static let countMax = 64

    /// - Returns: nil unless all of it is a decimal integer that fits.
    static func integer(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        var rest = bytes[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest = rest.dropFirst() }
        guard !rest.isEmpty, rest.count <= 19 else { return nil }
        var value: Int64 = 0
        for byte in rest {
            guard (0x30...0x39).contains(byte) else { return nil }
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowToo) = scaled.addingReportingOverflow(Int64(byte - 0x30))
            guard !overflow, !overflowToo else { return nil }
            value = sum
        }
        return isNegative ? -value : value
    }

    /// - Returns: nil unless all of it is a decimal number.
    static func number(_ bytes: UnsafeRawBufferPointer) -> Double? {
        if let integer = integer(bytes) { return Double(integer) }
        guard let first = bytes.first, bytes.count <= countMax, first == UInt8(ascii: "-") || isDigit(first),
            bytes.allSatisfy({ isDigit($0) || "+-.eE".utf8.contains($0) })
        else { return nil }
        return Double(String(decoding: bytes, as: UTF8.self))
    }

    /// Whether it is a decimal integer, of whatever length.
    static func isWhole(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let digits = bytes.first == UInt8(ascii: "-") ? bytes.dropFirst() : bytes[...]
        return !digits.isEmpty && digits.allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
