/// Cuts a filter's text into tokens.
struct FilterLexer {
    private let text: [UInt8]
    private var offset = 0

    init(_ text: [UInt8]) { self.text = text }

    mutating func next() throws(FilterError) -> FilterToken {
        let before = offset
        while offset < text.count, Self.isSpace(text[offset]) { offset += 1 }
        let begin = offset
        let isAttached = begin == before && begin > 0
        func token(_ kind: FilterToken.Kind, _ bytes: [UInt8]) -> FilterToken {
            FilterToken(kind: kind, bytes: bytes, offset: begin, isAttached: isAttached)
        }
        guard offset < text.count else { return token(.end, []) }
        switch text[offset] {
        case UInt8(ascii: "("): return token(.open, takeOne())
        case UInt8(ascii: ")"): return token(.close, takeOne())
        case UInt8(ascii: ","): return token(.comma, takeOne())
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return token(.quoted, try takeQuoted())
        case UInt8(ascii: "="), UInt8(ascii: "!"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "~"):
            return token(.comparison, try takeComparison())
        case UInt8(ascii: "$"): return token(.word, takePath())
        default: return token(.word, takeWord())
        }
    }

    func error(_ message: String, at offset: Int) -> FilterError {
        FilterError(message: message, column: Self.column(of: offset, in: text))
    }

    /// Counted as an editor does: in characters, not in bytes.
    static func column(of offset: Int, in text: [UInt8]) -> Int {
        String(decoding: text.prefix(offset), as: UTF8.self).count + 1
    }

    private mutating func takeOne() -> [UInt8] {
        defer { offset += 1 }
        return [text[offset]]
    }

    /// In quotes, a backslash takes its meaning from a quote or a backslash behind it, and is itself before anything else, so
    /// that regular expressions need no second one.
    private mutating func takeQuoted() throws(FilterError) -> [UInt8] {
        let (begin, quote) = (offset, text[offset])
        var bytes: [UInt8] = []
        offset += 1
        while offset < text.count {
            let byte = text[offset]
            offset += 1
            if byte == quote { return bytes }
            if byte == UInt8(ascii: "\\"), offset < text.count,
                text[offset] == quote || text[offset] == UInt8(ascii: "\\")
            {
                bytes.append(text[offset])
                offset += 1
            } else {
                bytes.append(byte)
            }
        }
        throw error("the text has no end: expected another \(Character(Unicode.Scalar(quote)))", at: begin)
    }

    private mutating func takeComparison() throws(FilterError) -> [UInt8] {
        let begin = offset
        offset += 1
        if offset < text.count, text[begin] != UInt8(ascii: "~") {
            // `==` is what many are used to.
            if text[offset] == UInt8(ascii: "=")
                || (text[begin] == UInt8(ascii: "!") && text[offset] == UInt8(ascii: "~"))
            {
                offset += 1
            }
        }
        let bytes = Array(text[begin..<offset])
        if bytes == Array("!".utf8) { throw error("expected != or !~; a test is negated by not", at: begin) }
        return bytes == Array("==".utf8) ? Array("=".utf8) : bytes
    }

    /// A path goes on through brackets, whatever stands in quotes there.
    private mutating func takePath() -> [UInt8] {
        let begin = offset
        while offset < text.count, Self.isWordByte(text[offset]) || isInBracket(text[offset]) {
            guard text[offset] == UInt8(ascii: "["), offset + 1 < text.count else {
                offset += 1
                continue
            }
            let quote = text[offset + 1]
            let isQuoted = quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"")
            let inside = isQuoted ? text[(offset + 2)...].firstIndex(of: quote) ?? text.count - 1 : offset + 1
            offset = (text[inside...].firstIndex(of: UInt8(ascii: "]")) ?? text.count - 1) + 1
        }
        return Array(text[begin..<offset])
    }

    private func isInBracket(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]") }

    private mutating func takeWord() -> [UInt8] {
        let begin = offset
        while offset < text.count, Self.isWordByte(text[offset]) { offset += 1 }
        return Array(text[begin..<offset])
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        !isSpace(byte) && !"()\"',=!<>~".utf8.contains(byte)
    }
}
