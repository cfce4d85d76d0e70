/// Reads JSON as RFC 8259 defines it, and remembers where everything stands.
///
/// Why not a YAML reader, of which JSON is nearly a subset: the difference is what exports are made of (`\/`, surrogate
/// pairs, long keys), and a machine-made file of hundreds of megabytes has to load in seconds.
struct JSONReader {
    private let bytes: [UInt8]
    private var offset = 0
    private var line = 1
    /// What has to be subtracted from `offset` to get the column, less one: the bytes before the line, and the
    /// continuation bytes of UTF-8 in it.
    private var columnBase = 0
    private let nestingMax: Int

    private init(_ text: String, nestingMax: Int) {
        bytes = Array(text.utf8)
        self.nestingMax = nestingMax
    }

    /// Reads the one value that the text consists of. Lists and tables may be nested `nestingMax` deep.
    static func read(_ text: String, nestingMax: Int) throws(SyntaxError) -> SourceNode {
        var reader = JSONReader(text, nestingMax: nestingMax)
        reader.skipWhitespace()
        let root = try reader.readValue(depth: 0)
        reader.skipWhitespace()
        guard reader.offset == reader.bytes.count else {
            throw reader.error("expected the end of the file behind the first value")
        }
        return root
    }

    private var position: SourcePosition {
        SourcePosition(line: line, column: offset - columnBase + 1)
    }

    /// 0 behind the end, which no place in the grammar allows.
    private var next: UInt8 {
        offset < bytes.count ? bytes[offset] : 0
    }

    private func error(_ message: String) -> SyntaxError {
        SyntaxError(
            position: position,
            message: offset < bytes.count ? message : "\(message), found the end of the file"
        )
    }

    private mutating func skipWhitespace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
                offset += 1
            case UInt8(ascii: "\n"):
                offset += 1
                line += 1
                columnBase = offset
            default:
                return
            }
        }
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte, offset < bytes.count else { return false }
        offset += 1
        return true
    }
}

// MARK: - Values

extension JSONReader {
    private mutating func readValue(depth: Int) throws(SyntaxError) -> SourceNode {
        let start = position
        let content: SourceNode.Content
        switch next {
        case UInt8(ascii: "{"): content = try readTable(depth: depth + 1)
        case UInt8(ascii: "["): content = try readList(depth: depth + 1)
        case UInt8(ascii: "\""): content = .text(try readText())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): content = try readNumber()
        case UInt8(ascii: "t"): content = try readWord("true", .boolean(true))
        case UInt8(ascii: "f"): content = try readWord("false", .boolean(false))
        case UInt8(ascii: "n"): content = try readWord("null", .null)
        case UInt8(ascii: "'"): throw error("text must stand in double quotes")
        case UInt8(ascii: "/"), UInt8(ascii: "#"): throw error("JSON has no comments; a YAML file may have them")
        default: throw error("expected a value")
        }
        return SourceNode(content: content, position: start)
    }

    private mutating func readWord(
        _ word: StaticString, _ content: SourceNode.Content
    ) throws(SyntaxError) -> SourceNode.Content {
        let length = word.utf8CodeUnitCount
        let matches = word.withUTF8Buffer { bytes[offset...].starts(with: $0) }
        guard matches else { throw error("expected a value") }
        offset += length
        return content
    }

    private mutating func readList(depth: Int) throws(SyntaxError) -> SourceNode.Content {
        try checkNesting(depth)
        offset += 1
        skipWhitespace()
        var items: [SourceNode] = []
        if skip(UInt8(ascii: "]")) { return .list(items) }
        while true {
            items.append(try readValue(depth: depth))
            skipWhitespace()
            if skip(UInt8(ascii: "]")) { return .list(items) }
            guard skip(UInt8(ascii: ",")) else { throw error("expected \",\" or \"]\"") }
            skipWhitespace()
            if next == UInt8(ascii: "]") { throw error("no comma may stand before \"]\"") }
        }
    }

    private mutating func readTable(depth: Int) throws(SyntaxError) -> SourceNode.Content {
        try checkNesting(depth)
        offset += 1
        skipWhitespace()
        var members: [SourceNode.Member] = []
        if skip(UInt8(ascii: "}")) { return .table(members) }
        while true {
            guard next == UInt8(ascii: "\"") else { throw error("expected a key in double quotes") }
            let keyPosition = position
            let key = try readText()
            skipWhitespace()
            guard skip(UInt8(ascii: ":")) else { throw error("expected \":\" behind the key") }
            skipWhitespace()
            let value = try readValue(depth: depth)
            members.append(SourceNode.Member(key: key, keyPosition: keyPosition, value: value))
            skipWhitespace()
            if skip(UInt8(ascii: "}")) { return .table(members) }
            guard skip(UInt8(ascii: ",")) else { throw error("expected \",\" or \"}\"") }
            skipWhitespace()
            if next == UInt8(ascii: "}") { throw error("no comma may stand before \"}\"") }
        }
    }

    private func checkNesting(_ depth: Int) throws(SyntaxError) {
        guard depth <= nestingMax else { throw error("nested deeper than \(nestingMax) levels") }
    }

    private mutating func readNumber() throws(SyntaxError) -> SourceNode.Content {
        let start = offset
        _ = skip(UInt8(ascii: "-"))
        if skip(UInt8(ascii: "0")) {
            if isDigit(next) { throw error("a number must not begin with 0") }
        } else {
            try skipDigits()
        }
        var isWhole = true
        if skip(UInt8(ascii: ".")) {
            isWhole = false
            try skipDigits()
        }
        if next | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            offset += 1
            if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
            try skipDigits()
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        return isWhole ? .whole(text) : .fractional(text)
    }

    private mutating func skipDigits() throws(SyntaxError) {
        guard isDigit(next) else { throw error("expected a digit") }
        while isDigit(next) { offset += 1 }
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}

// MARK: - Text

extension JSONReader {
    /// Reads text from its opening to its closing quote. Nearly all text has no escapes and is taken in one piece.
    private mutating func readText() throws(SyntaxError) -> String {
        let opening = position
        offset += 1
        var decoded: [UInt8] = []
        var pieceStart = offset
        while true {
            guard offset < bytes.count else {
                throw SyntaxError(position: opening, message: "the text that begins here has no closing quote")
            }
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                let piece = bytes[pieceStart..<offset]
                offset += 1
                if decoded.isEmpty { return String(decoding: piece, as: UTF8.self) }
                decoded += piece
                return String(decoding: decoded, as: UTF8.self)
            case UInt8(ascii: "\\"):
                decoded += bytes[pieceStart..<offset]
                decoded += String(try readEscape()).utf8
                pieceStart = offset
            case 0..<0x20:
                throw error("a control character in text must be written as an escape, for example \\t or \\n")
            case 0x80..<0xC0:
                // A continuation byte: the same column as the byte before.
                offset += 1
                columnBase += 1
            default:
                offset += 1
            }
        }
    }

    private mutating func readEscape() throws(SyntaxError) -> Unicode.Scalar {
        let start = position
        offset += 1
        defer { offset += 1 }
        switch next {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try readUnicodeEscape(from: start)
        default: throw SyntaxError(position: start, message: "unknown escape in text")
        }
    }

    /// Reads the four digits behind `\u`, and for the first half of a surrogate pair also the second half. Stops on the
    /// last digit.
    private mutating func readUnicodeEscape(from start: SourcePosition) throws(SyntaxError) -> Unicode.Scalar {
        var value = try readHexDigits(from: start)
        if (0xD800..<0xDC00).contains(value) {
            let high = value
            guard offset + 2 < bytes.count, bytes[offset + 1] == UInt8(ascii: "\\"),
                bytes[offset + 2] == UInt8(ascii: "u")
            else { throw SyntaxError(position: start, message: "half of a surrogate pair") }
            offset += 2
            let low = try readHexDigits(from: start)
            guard (0xDC00..<0xE000).contains(low) else {
                throw SyntaxError(position: start, message: "half of a surrogate pair")
            }
            value = 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw SyntaxError(position: start, message: "half of a surrogate pair")
        }
        return scalar
    }

    private mutating func readHexDigits(from start: SourcePosition) throws(SyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            offset += 1
            guard let digit = Character(Unicode.Scalar(next)).hexDigitValue else {
                throw SyntaxError(position: start, message: "\\u must be followed by four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
