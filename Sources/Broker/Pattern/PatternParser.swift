/// Reads a regular expression in PCRE's syntax, as PCRE 8 reads it, which RabbitMQ has from Erlang. Groups, escapes and
/// classes are in extensions.
struct PatternParser {
    /// How deep groups may be nested.
    private static let nestingMax = 100
    /// The largest number in `{n,m}`.
    private static let repetitionsMax = 65_535

    private let pattern: [UInt8]
    var offset = 0
    var options = PatternOptions()
    private var nesting = 0
    /// Between `\Q` and `\E`.
    private var isQuoting = false

    init(_ pattern: [UInt8]) {
        self.pattern = pattern
    }

    mutating func parse() throws(PatternError) -> PatternNode {
        let node = try alternatives()
        guard offset == pattern.count else { throw error("unmatched )") }
        return node
    }

    func error(_ message: String) -> PatternError {
        PatternError(message: message, offset: offset)
    }

    // MARK: Bytes

    var next: UInt8? { offset < pattern.count ? pattern[offset] : nil }

    func peek(_ distance: Int) -> UInt8? {
        offset + distance < pattern.count ? pattern[offset + distance] : nil
    }

    /// Passes over the text if it is what comes next.
    mutating func take(_ text: StaticString) -> Bool {
        let bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard pattern[offset...].starts(with: bytes) else { return false }
        offset += bytes.count
        return true
    }

    /// Passes over everything up to that byte, and over the byte.
    ///
    /// - Returns: what stood before it.
    mutating func takeThrough(_ end: Unicode.Scalar, else message: String) throws(PatternError) -> [UInt8] {
        guard let index = pattern[offset...].firstIndex(of: UInt8(ascii: end)) else {
            offset = pattern.count
            throw error(message)
        }
        defer { offset = index + 1 }
        return Array(pattern[offset..<index])
    }

    /// Passes over digits of that base, `countMax` of them at the most.
    mutating func takeNumber(base: Int, countMax: Int = .max, max: Int) throws(PatternError) -> Int? {
        var value: Int?
        var count = 0
        while count < countMax, let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, digit < base
        {
            value = (value ?? 0) * base + digit
            guard let value, value <= max else { throw error("the number is larger than \(max)") }
            offset += 1
            count += 1
        }
        return value
    }

    // MARK: Structure

    mutating func alternatives() throws(PatternError) -> PatternNode {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Self.nestingMax else { throw error("groups are nested deeper than \(Self.nestingMax)") }
        var alternatives = [try sequence()]
        while !isQuoting, take("|") { alternatives.append(try sequence()) }
        return alternatives.count == 1 ? alternatives[0] : .alternatives(alternatives)
    }

    private mutating func sequence() throws(PatternError) -> PatternNode {
        var parts: [PatternNode] = []
        while true {
            try skipIgnored()
            guard let byte = next else { break }
            if !isQuoting, byte == UInt8(ascii: "|") || byte == UInt8(ascii: ")") { break }
            parts.append(try repeatedPart())
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    /// Comments, white space where it means nothing, and the beginnings and ends of quotes.
    private mutating func skipIgnored() throws(PatternError) {
        while let byte = next {
            if isQuoting {
                guard take(#"\E"#) else { return }
                isQuoting = false
            } else if take(#"\Q"#) {
                isQuoting = true
            } else if take("(?#") {
                _ = try takeThrough(")", else: "missing ) after comment")
            } else if options.isExtended, ByteSet.space.contains(byte) {
                offset += 1
            } else if options.isExtended, byte == UInt8(ascii: "#") {
                offset = pattern[offset...].firstIndex(of: UInt8(ascii: "\n")) ?? pattern.count
            } else if !take(#"\E"#) {
                return
            }
        }
    }

    private mutating func repeatedPart() throws(PatternError) -> PatternNode {
        let (part, isRepeatable) = try self.part()
        try skipIgnored()
        guard !isQuoting, let (min, max) = try takeQuantifier() else { return part }
        guard isRepeatable else { throw error("nothing to repeat") }
        if take("+") { throw error("possessive quantifiers are not supported") }
        // A lazy one finds the same.
        _ = take("?")
        try skipIgnored()
        guard isQuoting || !isAtQuantifier else { throw error("nothing to repeat") }
        return .repeated(part, min: min, max: max)
    }

    private var isAtQuantifier: Bool {
        var ahead = self
        return (try? ahead.takeQuantifier()) != nil
    }

    private mutating func takeQuantifier() throws(PatternError) -> (min: Int, max: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        return try takeCounts()
    }

    /// `{n}`, `{n,}` or `{n,m}`. Braces around anything else are only braces.
    private mutating func takeCounts() throws(PatternError) -> (min: Int, max: Int?)? {
        guard next == UInt8(ascii: "{") else { return nil }
        var end = offset + 1
        while end < pattern.count, ByteSet.digit.contains(pattern[end]) || pattern[end] == UInt8(ascii: ",") {
            end += 1
        }
        guard end < pattern.count, pattern[end] == UInt8(ascii: "}") else { return nil }
        let counts = pattern[offset + 1..<end].split(
            separator: UInt8(ascii: ","), maxSplits: 2, omittingEmptySubsequences: false)
        guard counts.count <= 2, !counts[0].isEmpty else { return nil }
        offset += 1
        let most = Self.repetitionsMax
        guard let min = try takeNumber(base: 10, max: most) else { return nil }
        var max: Int? = min
        if take(",") { max = try takeNumber(base: 10, max: most) }
        offset = end + 1
        if let max, max < min { throw error("numbers out of order in {} quantifier") }
        return (min, max)
    }

    /// - Returns: a part, and whether it may be followed by a quantifier.
    private mutating func part() throws(PatternError) -> (PatternNode, isRepeatable: Bool) {
        guard let byte = next else { return (.empty, false) }
        if isQuoting {
            offset += 1
            return (literal(byte), true)
        }
        if isAtQuantifier { throw error("nothing to repeat") }
        offset += 1
        switch byte {
        case UInt8(ascii: "("): return try group()
        case UInt8(ascii: "["): return (.bytes(try characterClass()), true)
        case UInt8(ascii: #"\"#): return try escape()
        case UInt8(ascii: "."): return (.bytes(options.dotIsAny ? .all : ByteSet.newline.complement), true)
        case UInt8(ascii: "^"): return (.assertion(options.isMultiLine ? .lineStart : .textStart), false)
        case UInt8(ascii: "$"): return (.assertion(options.isMultiLine ? .lineEnd : .textEndOrLastNewline), false)
        default: return (literal(byte), true)
        }
    }

    func literal(_ byte: UInt8) -> PatternNode {
        let set = ByteSet(byte)
        return .bytes(options.ignoresCase ? set.foldingCase : set)
    }
}
