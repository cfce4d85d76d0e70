extension PatternParser {
    /// What stands behind a backslash, outside of a class.
    mutating func escape() throws(PatternError) -> (PatternNode, isRepeatable: Bool) {
        if let assertion = takeAssertion() { return (.assertion(assertion), false) }
        switch next {
        case UInt8(ascii: "N"):
            offset += 1
            return (.bytes(ByteSet.newline.complement), true)
        case UInt8(ascii: "C"):
            offset += 1
            return (.bytes(.all), true)
        case UInt8(ascii: "K"): throw error(#"\K is not supported"#)
        case UInt8(ascii: "R"): throw error(#"\R is not supported"#)
        case UInt8(ascii: "X"): throw error(#"\X is not supported"#)
        case UInt8(ascii: "g"), UInt8(ascii: "k"): throw error("backreferences and recursion are not supported")
        case let digit? where UInt8(ascii: "1")...UInt8(ascii: "9") ~= digit:
            throw error(#"backreferences are not supported; a byte by its octal number is \o{…}"#)
        default: break
        }
        if let set = try takeSet() { return (.bytes(set), true) }
        return (literal(try takeByte()), true)
    }

    private mutating func takeAssertion() -> PatternAssertion? {
        let assertion: PatternAssertion
        switch next {
        case UInt8(ascii: "A"), UInt8(ascii: "G"): assertion = .textStart
        case UInt8(ascii: "z"): assertion = .textEnd
        case UInt8(ascii: "Z"): assertion = .textEndOrLastNewline
        case UInt8(ascii: "b"): assertion = .wordBoundary
        case UInt8(ascii: "B"): assertion = .noWordBoundary
        default: return nil
        }
        offset += 1
        return assertion
    }

    /// The classes that a backslash and a letter name.
    mutating func takeSet() throws(PatternError) -> ByteSet? {
        let set: ByteSet
        switch next {
        case UInt8(ascii: "d"): set = .digit
        case UInt8(ascii: "D"): set = ByteSet.digit.complement
        case UInt8(ascii: "w"): set = .word
        case UInt8(ascii: "W"): set = ByteSet.word.complement
        case UInt8(ascii: "s"): set = .space
        case UInt8(ascii: "S"): set = ByteSet.space.complement
        case UInt8(ascii: "h"): set = .horizontalSpace
        case UInt8(ascii: "H"): set = ByteSet.horizontalSpace.complement
        case UInt8(ascii: "v"): set = .verticalSpace
        case UInt8(ascii: "V"): set = ByteSet.verticalSpace.complement
        case UInt8(ascii: "p"), UInt8(ascii: "P"): throw error("Unicode properties are not supported")
        case UInt8(ascii: "L"), UInt8(ascii: "l"), UInt8(ascii: "U"), UInt8(ascii: "u"):
            throw error(#"\L, \l, \U and \u are not supported"#)
        default: return nil
        }
        offset += 1
        return set
    }

    /// One byte that is written with a backslash. A letter that means nothing means itself.
    mutating func takeByte() throws(PatternError) -> UInt8 {
        guard let byte = next else { throw error(#"\ at end of pattern"#) }
        offset += 1
        switch byte {
        case UInt8(ascii: "a"): return 0x07
        case UInt8(ascii: "e"): return 0x1B
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "c"): return try takeControl()
        case UInt8(ascii: "x"): return try takeHexadecimal()
        case UInt8(ascii: "o"):
            guard take("{"), let value = try takeNumber(base: 8, max: 255), take("}") else {
                throw error(#"\o is followed by an octal number in braces"#)
            }
            return UInt8(value)
        case UInt8(ascii: "0"): return UInt8(try takeNumber(base: 8, countMax: 2, max: 255) ?? 0)
        default: return byte
        }
    }

    private mutating func takeControl() throws(PatternError) -> UInt8 {
        guard let byte = next, byte < 0x80 else { throw error(#"\c is followed by an ASCII character"#) }
        offset += 1
        let isLower = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
        return (isLower ? byte - 32 : byte) ^ 0x40
    }

    private mutating func takeHexadecimal() throws(PatternError) -> UInt8 {
        if next == UInt8(ascii: "{") {
            var ahead = self
            ahead.offset += 1
            // Without a number in them they are only braces.
            if let value = try ahead.takeNumber(base: 16, max: 255), ahead.take("}") {
                self = ahead
                return UInt8(value)
            }
        }
        return UInt8(try takeNumber(base: 16, countMax: 2, max: 255) ?? 0)
    }
}
