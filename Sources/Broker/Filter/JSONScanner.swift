/// Goes over JSON text (RFC 8259) from its front, without building anything of it.
struct JSONScanner {
    private let text: UnsafeRawBufferPointer
    private var offset = 0
    /// Something was nested deeper than `FilterLimits.jsonNestingMax`.
    private(set) var isTooDeep = false

    init(_ text: UnsafeRawBufferPointer) { self.text = text }

    /// A string's bytes between its quotes, as they stand.
    struct RawString {
        let bytes: UnsafeRawBufferPointer
        let hasEscapes: Bool

        func equals(_ other: [UInt8]) -> Bool {
            hasEscapes
                ? JSONScanner.unescaped(bytes) == other : bytes.count == other.count && bytes.elementsEqual(other)
        }
    }

    var next: UInt8? { offset < text.count ? text[offset] : nil }

    mutating func advance() { offset += 1 }

    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        offset += 1
        return true
    }

    mutating func skipSpace() {
        while let next, next == 0x20 || next == 0x0a || next == 0x0d || next == 0x09 { offset += 1 }
    }

    /// - Returns: nil if none stands here, or it has no end.
    mutating func readString() -> RawString? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let begin = offset
        var hasEscapes = false
        while offset < text.count {
            switch text[offset] {
            case UInt8(ascii: "\""):
                defer { offset += 1 }
                return RawString(bytes: UnsafeRawBufferPointer(rebasing: text[begin..<offset]), hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                offset += 2
            default: offset += 1
            }
        }
        offset = text.count
        return nil
    }

    /// Calls `body` with the value that stands here, and passes over it.
    ///
    /// - Returns: what `body` does; nil if there is no value.
    mutating func withValue(_ body: (FilterValue) -> Bool) -> Bool? {
        switch next {
        case UInt8(ascii: "\""):
            guard let string = readString() else { return nil }
            guard string.hasEscapes else { return body(.text(string.bytes)) }
            return Self.unescaped(string.bytes).withUnsafeBytes { body(.text($0)) }
        case UInt8(ascii: "{"), UInt8(ascii: "["): return skipValue() ? body(.other) : nil
        default:
            let begin = offset
            guard skipValue() else { return nil }
            let token = UnsafeRawBufferPointer(rebasing: text[begin..<offset])
            if token.elementsEqual("true".utf8) { return body(.boolean(true)) }
            if token.elementsEqual("false".utf8) { return body(.boolean(false)) }
            if token.elementsEqual("null".utf8) { return body(.null) }
            if let integer = DecimalText.integer(token) { return body(.integer(integer)) }
            if DecimalText.isWhole(token) { return body(.digits(token)) }
            return DecimalText.number(token).map { body(.number($0)) }
        }
    }

    /// Passes over the value that stands here; inside strings, numbers and words it is not particular.
    ///
    /// - Returns: false if there is none.
    mutating func skipValue() -> Bool {
        var depth = 0
        repeat {
            skipSpace()
            switch next {
            case UInt8(ascii: "\""): guard readString() != nil else { return false }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                offset += 1
                guard depth <= FilterLimits.jsonNestingMax else {
                    isTooDeep = true
                    return false
                }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard depth > 0 else { return false }
                depth -= 1
                offset += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                guard depth > 0 else { return false }
                offset += 1
            default: guard skipWord() else { return false }
            }
        } while depth > 0
        return true
    }

    private mutating func skipWord() -> Bool {
        let begin = offset
        while let next, Self.isWordByte(next) { offset += 1 }
        return offset > begin
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x61...0x7a, 0x41...0x5a, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."): true
        default: false
        }
    }

    // MARK: Escapes

    private static func unescaped(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var offset = 0
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            guard byte == UInt8(ascii: "\\"), offset < bytes.count else {
                result.append(byte)
                continue
            }
            let escape = bytes[offset]
            offset += 1
            switch escape {
            case UInt8(ascii: "n"): result.append(0x0a)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "r"): result.append(0x0d)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0c)
            case UInt8(ascii: "u"): result += Array(String(scalar(bytes, &offset)).utf8)
            default: result.append(escape)
            }
        }
        return result
    }

    /// Behind `\u`; a pair of surrogates is one scalar.
    private static func scalar(_ bytes: UnsafeRawBufferPointer, _ offset: inout Int) -> Character {
        guard let first = unit(bytes, &offset) else { return "\u{fffd}" }
        if let scalar = Unicode.Scalar(first) { return Character(scalar) }
        var ahead = offset + 2
        guard (0xd800...0xdbff).contains(first), offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "\\"),
            bytes[offset + 1] == UInt8(ascii: "u"), let second = unit(bytes, &ahead),
            (0xdc00...0xdfff).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
        else { return "\u{fffd}" }
        offset = ahead
        return Character(scalar)
    }

    private static func unit(_ bytes: UnsafeRawBufferPointer, _ offset: inout Int) -> UInt32? {
        guard offset + 4 <= bytes.count else { return nil }
        let digits = String(decoding: bytes[offset..<offset + 4], as: UTF8.self)
        guard let value = UInt32(digits, radix: 16), digits.first != "+", digits.first != "-" else { return nil }
        offset += 4
        return value
    }
}
