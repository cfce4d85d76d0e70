extension PatternParser {
    /// One thing in a class.
    private enum Item {
        case byte(UInt8)
        case set(ByteSet)
    }

    /// What stands behind an opening bracket, and the closing one.
    mutating func characterClass() throws(PatternError) -> ByteSet {
        let isNegated = take("^")
        var set = ByteSet()
        var isQuoting = false
        // A bracket that comes first closes nothing.
        var isFirst = true
        while true {
            if takeQuoteMark(&isQuoting) { continue }
            guard next != nil else { throw error("missing terminating ] for character class") }
            if !isQuoting, !isFirst, take("]") { break }
            isFirst = false
            let item = try item(isQuoting)
            while takeQuoteMark(&isQuoting) {}
            guard case .byte(let first) = item, !isQuoting, isAtRange else {
                switch item {
                case .byte(let byte): set.insert(byte...byte)
                case .set(let other): set.formUnion(other)
                }
                continue
            }
            offset += 1
            while takeQuoteMark(&isQuoting) {}
            guard case .byte(let last) = try self.item(isQuoting) else {
                throw error("invalid range in character class")
            }
            guard first <= last else { throw error("range out of order in character class") }
            set.insert(first...last)
        }
        if options.ignoresCase { set = set.foldingCase }
        return isNegated ? set.complement : set
    }

    private mutating func takeQuoteMark(_ isQuoting: inout Bool) -> Bool {
        if !isQuoting, take(#"\Q"#) {
            isQuoting = true
            return true
        }
        guard take(#"\E"#) else { return false }
        isQuoting = false
        return true
    }

    /// A hyphen at the end is one.
    private var isAtRange: Bool {
        next == UInt8(ascii: "-") && peek(1) != nil && peek(1) != UInt8(ascii: "]")
    }

    private mutating func item(_ isQuoting: Bool) throws(PatternError) -> Item {
        guard let byte = next else { throw error("missing terminating ] for character class") }
        if !isQuoting {
            if byte == UInt8(ascii: "["), let set = try takePOSIXClass() { return .set(set) }
            if byte == UInt8(ascii: #"\"#) {
                offset += 1
                return try escapedItem()
            }
        }
        offset += 1
        return .byte(byte)
    }

    private mutating func escapedItem() throws(PatternError) -> Item {
        if let set = try takeSet() { return .set(set) }
        switch next {
        case UInt8(ascii: "b"):
            offset += 1
            return .byte(0x08)
        case UInt8(ascii: "N"): throw error(#"\N is not supported in a class"#)
        // Here a number can be no backreference.
        case let digit? where UInt8(ascii: "1")...UInt8(ascii: "7") ~= digit:
            return .byte(UInt8(try takeNumber(base: 8, countMax: 3, max: 255) ?? 0))
        default: return .byte(try takeByte())
        }
    }

    /// `[:name:]` or `[:^name:]`. A bracket that begins nothing of the kind is only a bracket.
    private mutating func takePOSIXClass() throws(PatternError) -> ByteSet? {
        guard let mark = peek(1), mark == UInt8(ascii: ":") || mark == UInt8(ascii: ".") || mark == UInt8(ascii: "=")
        else { return nil }
        var length = 2
        while let byte = peek(length), byte != mark {
            guard byte != UInt8(ascii: "]"), byte != UInt8(ascii: "["), byte != UInt8(ascii: #"\"#) else { return nil }
            length += 1
        }
        guard peek(length) == mark, peek(length + 1) == UInt8(ascii: "]") else { return nil }
        guard mark == UInt8(ascii: ":") else { throw error("POSIX collating elements are not supported") }
        offset += 2
        let isNegated = take("^")
        let name = try takeThrough(":", else: "unknown POSIX class name")
        guard take("]"), let set = ByteSet(posixName: String(decoding: name, as: UTF8.self)) else {
            throw error("unknown POSIX class name")
        }
        let folded = options.ignoresCase ? set.foldingCase : set
        return isNegated ? folded.complement : folded
    }
}
