extension JSONValue {
    /// Arrays and objects in each other, at the most.
    public static let nestingMax = 512

    /// Reads one value, with nothing but white space around it.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8.
    ///   - nestingMax: less than usual for what is to stand in other JSON.
    /// - Throws: `JSONSyntaxError`, also for an object that has a name twice, for half a surrogate pair, and for more than
    ///   `nestingMax` levels: what would not be the same when it is written again.
    public init(
        parsing bytes: some Sequence<UInt8>, nestingMax: Int = JSONValue.nestingMax
    ) throws(JSONSyntaxError) {
        var parser = JSONParser(Array(bytes), nestingMax: nestingMax)
        self = try parser.parse()
    }
}

/// RFC 8259, strictly.
private struct JSONParser {
    private let bytes: [UInt8]
    private let nestingMax: Int
    private var position = 0

    init(_ bytes: [UInt8], nestingMax: Int) {
        self.bytes = bytes
        self.nestingMax = nestingMax
    }

    mutating func parse() throws(JSONSyntaxError) -> JSONValue {
        let value = try parseValue(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw error("expected the end") }
        return value
    }

    private func error(_ message: String, at place: Int? = nil) -> JSONSyntaxError {
        JSONSyntaxError(message, at: place ?? position, of: bytes)
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: byte) else { return false }
        position += 1
        return true
    }

    private mutating func parseValue(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        skipSpace()
        guard let byte = next else { throw error("expected a value") }
        switch byte {
        case UInt8(ascii: "{"): return try parseObject(depth: depth + 1)
        case UInt8(ascii: "["): return try parseArray(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseWord("true", .boolean(true))
        case UInt8(ascii: "f"): return try parseWord("false", .boolean(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        default: throw error("expected a value")
        }
    }

    private mutating func parseWord(_ word: StaticString, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count, word.withUTF8Buffer({ bytes[position..<end].elementsEqual($0) }) else {
            throw error("expected a value")
        }
        position = end
        return value
    }

    private mutating func parseArray(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard depth <= nestingMax else { throw error("more than \(nestingMax) levels") }
        position += 1
        var elements: [JSONValue] = []
        if take("]") { return .array(elements) }
        repeat { elements.append(try parseValue(depth: depth)) } while take(",")
        guard take("]") else { throw error("expected , or ]") }
        return .array(elements)
    }

    private mutating func parseObject(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard depth <= nestingMax else { throw error("more than \(nestingMax) levels") }
        position += 1
        var fields: [String: JSONValue] = [:]
        if take("}") { return .object(fields) }
        repeat {
            skipSpace()
            let begin = position
            guard next == UInt8(ascii: "\"") else { throw error("expected a name in quotes") }
            let name = try parseString()
            guard take(":") else { throw error("expected :") }
            guard fields.updateValue(try parseValue(depth: depth), forKey: name) == nil else {
                throw error("the name stands twice in its object", at: begin)
            }
        } while take(",")
        guard take("}") else { throw error("expected , or }") }
        return .object(fields)
    }

    // MARK: Numbers

    private mutating func parseNumber() throws(JSONSyntaxError) -> JSONValue {
        let begin = position
        if next == UInt8(ascii: "-") { position += 1 }
        let isZero = next == UInt8(ascii: "0")
        let whole = skipDigits()
        guard whole > 0, !isZero || whole == 1 else { throw error("expected a number", at: begin) }
        var isInteger = true
        if next == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            guard skipDigits() > 0 else { throw error("expected digits behind the point") }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            guard skipDigits() > 0 else { throw error("expected an exponent") }
        }
        let text = String(decoding: bytes[begin..<position], as: UTF8.self)
        guard isInteger, text != "-0" else { return .number(text) }
        if let value = Int64(text) { return .integer(value) }
        return UInt64(text).map { .unsigned($0) } ?? .number(text)
    }

    /// - Returns: how many there were.
    private mutating func skipDigits() -> Int {
        let begin = position
        while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
        return position - begin
    }

    // MARK: Texts

    private mutating func parseString() throws(JSONSyntaxError) -> String {
        let begin = position
        position += 1
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: text, as: UTF8.self) else { throw error("not UTF-8", at: begin) }
                return text
            case UInt8(ascii: "\\"): try parseEscape(into: &text)
            case ..<0x20: throw error("a control character stands in a text: it has to be escaped", at: position - 1)
            default: text.append(byte)
            }
        }
        throw error("the text has no end", at: begin)
    }

    private mutating func parseEscape(into text: inout [UInt8]) throws(JSONSyntaxError) {
        let byte = next
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte ?? 0)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(Character(try parseScalar())).utf8)
        default: throw error("no such escape", at: position - 2)
        }
    }

    private mutating func parseScalar() throws(JSONSyntaxError) -> Unicode.Scalar {
        let begin = position - 2
        var value = try parseUnit()
        if value & 0xfc00 == 0xd800, next == UInt8(ascii: "\\"), position + 1 < bytes.count,
            bytes[position + 1] == UInt8(ascii: "u")
        {
            position += 2
            let low = try parseUnit()
            guard low & 0xfc00 == 0xdc00 else { throw error("half a surrogate pair", at: begin) }
            value = 0x10000 + (value & 0x3ff) << 10 + low & 0x3ff
        }
        guard let scalar = Unicode.Scalar(value) else { throw error("half a surrogate pair", at: begin) }
        return scalar
    }

    private mutating func parseUnit() throws(JSONSyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw error("expected four hex digits")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
