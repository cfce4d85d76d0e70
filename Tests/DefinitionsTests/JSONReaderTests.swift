import Testing

@testable import Definitions

@Suite("JSON")
struct JSONReaderTests {
    private func read(_ text: String, nestingMax: Int = 64) throws(SyntaxError) -> SourceNode {
        try JSONReader.read(text, nestingMax: nestingMax)
    }

    private func text(_ json: String) throws -> String? {
        guard case .text(let text) = try read(json).content else { return nil }
        return text
    }

    private func error(_ json: String) -> String {
        do {
            _ = try read(json)
            return "no error"
        } catch {
            return "\(error.position.line):\(error.position.column): \(error.message)"
        }
    }

    @Test("Every escape of RFC 8259, surrogate pairs too, is decoded")
    func escapes() throws {
        #expect(try text(#""\"\\\/\b\f\n\r\t""#) == "\"\\/\u{8}\u{C}\n\r\t")
        #expect(try text(#""caf\u00e9 \u00FC""#) == "café ü")
        #expect(try text(#""\ud83d\udc26!""#) == "🐦!")
        #expect(try text(#""\u0000""#) == "\0")
        #expect(try text(#""plain then \n then plain""#) == "plain then \n then plain")
        #expect(try text("\"🐦\u{7F}\"") == "🐦\u{7F}")
    }

    @Test(
        "Broken escapes and control characters are refused, with their place",
        arguments: [
            (#"["\x"]"#, "1:3: unknown escape in text"),
            (#"["\ud83d"]"#, "1:3: half of a surrogate pair"),
            (#"["\ud83d\n"]"#, "1:3: half of a surrogate pair"),
            (#"["\ud83d\u0041"]"#, "1:3: half of a surrogate pair"),
            (#"["\udc26"]"#, "1:3: half of a surrogate pair"),
            (#"["\u12g4"]"#, #"1:3: \u must be followed by four hexadecimal digits"#),
            (#"["\u12"#, #"1:3: \u must be followed by four hexadecimal digits"#),
            ("[\"a\tb\"]", #"1:4: a control character in text must be written as an escape, for example \t or \n"#),
            ("[\n \"open]", "2:2: the text that begins here has no closing quote"),
            (#"["open\"#, "1:7: unknown escape in text"),
        ])
    func brokenText(json: String, expected: String) {
        #expect(error(json) == expected)
    }

    @Test("Whole numbers are integers, numbers with a point or an exponent are doubles")
    func numbers() throws {
        func describe(_ json: String) throws -> String { "\(try read(json).content)" }
        #expect(try describe("0") == "integer(0)")
        #expect(try describe("-7") == "integer(-7)")
        #expect(try describe("9007199254740993") == "integer(9007199254740993)")
        #expect(try describe("-9223372036854775808") == "integer(-9223372036854775808)")
        #expect(try describe("9223372036854775808") == "numberOutOfRange(\"9223372036854775808\")")
        #expect(try describe("1.0") == "double(1.0)")
        #expect(try describe("1e3") == "double(1000.0)")
        #expect(try describe("-1.25E-2") == "double(-0.0125)")
        #expect(try describe("1e999") == "numberOutOfRange(\"1e999\")")
    }

    @Test(
        "What is nearly JSON is refused, with its place",
        arguments: [
            ("", "1:1: expected a value, found the end of the file"),
            ("  \n ", "2:2: expected a value, found the end of the file"),
            ("{", "1:2: expected a key in double quotes, found the end of the file"),
            ("[1", "1:3: expected \",\" or \"]\", found the end of the file"),
            ("[1 2]", "1:4: expected \",\" or \"]\""),
            ("[1,]", "1:4: no comma may stand before \"]\""),
            ("{\"a\":1,}", "1:8: no comma may stand before \"}\""),
            ("{\"a\":1 \"b\":2}", "1:8: expected \",\" or \"}\""),
            ("{\"a\" 1}", "1:6: expected \":\" behind the key"),
            ("{a:1}", "1:2: expected a key in double quotes"),
            ("{'a':1}", "1:2: expected a key in double quotes"),
            ("['a']", "1:2: text must stand in double quotes"),
            ("[tru]", "1:2: expected a value"),
            ("[True]", "1:2: expected a value"),
            ("[01]", "1:3: a number must not begin with 0"),
            ("[+1]", "1:2: expected a value"),
            ("[1.]", "1:4: expected a digit"),
            ("[.5]", "1:2: expected a value"),
            ("[1e]", "1:4: expected a digit"),
            ("[-]", "1:3: expected a digit"),
            ("[NaN]", "1:2: expected a value"),
            ("[] []", "1:4: expected the end of the file behind the first value"),
            ("[1, // one\n2]", "1:5: JSON has no comments; a YAML file may have them"),
            ("# one\n[]", "1:1: JSON has no comments; a YAML file may have them"),
            ("[\u{0}]", "1:2: expected a value"),
        ])
    func brokenSyntax(json: String, expected: String) {
        #expect(error(json) == expected)
    }

    @Test("Lines and columns count from 1, columns in Unicode scalars, whatever stands before")
    func positions() throws {
        let json = "{\r\n\t\"ü🐦\": [true,\n  null], \"e\\u0301\": {}}"
        guard case .table(let members) = try read(json).content else {
            Issue.record("not a table")
            return
        }
        #expect(members.map(\.key) == ["ü🐦", "e\u{301}"])
        #expect(members[0].keyPosition == SourcePosition(line: 2, column: 2))
        #expect(members[0].value.position == SourcePosition(line: 2, column: 8))
        #expect(members[1].keyPosition == SourcePosition(line: 3, column: 10))
        #expect(members[1].value.position == SourcePosition(line: 3, column: 21))
        guard case .list(let items) = members[0].value.content else {
            Issue.record("not a list")
            return
        }
        #expect(items.map(\.position) == [SourcePosition(line: 2, column: 9), SourcePosition(line: 3, column: 3)])
    }

    @Test("Nesting ends at its limit, far from the end of the stack")
    func nesting() throws {
        _ = try read(String(repeating: "[", count: 64) + String(repeating: "]", count: 64))
        #expect(error(String(repeating: "[", count: 65)) == "1:65: nested deeper than 64 levels")
        #expect(error(String(repeating: "[", count: 1_000_000)) == "1:65: nested deeper than 64 levels")
        #expect(error(String(repeating: "{\"a\":", count: 1_000_000)) == "1:321: nested deeper than 64 levels")
    }
}
