/// What text without quotes means in YAML: the core schema of YAML 1.2 (section 10.3.2), so that `yes`, `no`, `on` and
/// `off` are text, `010` is ten, and `1_000` and `12:30` are text.
enum PlainScalar {
    static func content(of text: String) -> SourceNode.Content {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .boolean(true)
        case "false", "False", "FALSE": return .boolean(false)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .double(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .double(-.infinity)
        case ".nan", ".NaN", ".NAN": return .double(.nan)
        default: break
        }
        return number(text) ?? .text(text)
    }

    private static func number(_ text: String) -> SourceNode.Content? {
        var rest = text.utf8[...]
        guard let first = rest.first, isDigit(first) || "+-.".utf8.contains(first) else { return nil }
        if text.hasPrefix("0o") { return integer(text.dropFirst(2), radix: 8, text) }
        if text.hasPrefix("0x") { return integer(text.dropFirst(2), radix: 16, text) }

        _ = skip("+-", in: &rest)
        let wholeDigits = skipDigits(in: &rest)
        if rest.isEmpty { return wholeDigits > 0 ? .whole(text) : nil }
        let fractionDigits = skip(".", in: &rest) ? skipDigits(in: &rest) : 0
        guard wholeDigits + fractionDigits > 0 else { return nil }
        if skip("eE", in: &rest) {
            _ = skip("+-", in: &rest)
            guard skipDigits(in: &rest) > 0 else { return nil }
        }
        return rest.isEmpty ? .fractional(text) : nil
    }

    private static func integer(_ digits: Substring, radix: Int, _ text: String) -> SourceNode.Content? {
        let isNumber = !digits.isEmpty && digits.allSatisfy { ($0.hexDigitValue ?? radix) < radix }
        guard isNumber else { return nil }
        return Int64(digits, radix: radix).map { .integer($0) } ?? .numberOutOfRange(text)
    }

    private static func skip(_ characters: StaticString, in rest: inout Substring.UTF8View) -> Bool {
        guard let first = rest.first, characters.withUTF8Buffer({ $0.contains(first) }) else { return false }
        rest.removeFirst()
        return true
    }

    private static func skipDigits(in rest: inout Substring.UTF8View) -> Int {
        let count = rest.prefix(while: isDigit).count
        rest.removeFirst(count)
        return count
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}
