import SeededRandom
import TestSeeds
import Testing

@testable import LosslessJSON

/// JSON in and out, without loss.
@Suite struct LosslessJSONTests {
    @Test(
        "what is read is written as it was",
        arguments: [
            "null", "true", "false", "0", "-1", "9223372036854775807", "18446744073709551615", "-0", "19.90", "1.0",
            "1e2",
            "1E+400", "12345678901234567890123456789", "0.1000000000000000055", "\"\"", "\"a\\\"b\\\\\"", "\"ä€𝄞\"",
            "\"\\n\\t\\u0001\"", "[]", "{}", "[1,[2,{}],\"x\"]", "{\"a\":1.50,\"b\":{\"c\":null}}",
        ])
    func verbatim(text: String) throws {
        let value = try JSONValue(parsing: text.utf8)
        #expect(value.text == text)
        #expect(try JSONValue(parsing: value.prettyText.utf8) == value)
    }

    @Test("escapes become what they stand for, and names stand in order")
    func escapes() throws {
        let value = try JSONValue(parsing: #" { "b" : "\u0041\ud834\udd1e\/\b\f\r" , "a" : [ ] } "#.utf8)
        #expect(value == ["a": [], "b": "A𝄞/\u{8}\u{c}\r"])
        #expect(value.text == "{\"a\":[],\"b\":\"A𝄞/\\b\\f\\r\"}")
        #expect(value.prettyText == "{\n  \"a\": [],\n  \"b\": \"A𝄞/\\b\\f\\r\"\n}")
    }

    @Test(
        "what is no JSON, or would not stay the same, is refused with its place",
        arguments: [
            ("", 1, 1), ("nul", 1, 1), ("[1,]", 1, 4), ("{\"a\" 1}", 1, 6), ("{a: 1}", 1, 2), ("01", 1, 1),
            ("1.", 1, 3),
            ("-", 1, 1), ("1e", 1, 3), ("[1\n 2]", 2, 2), ("1 2", 1, 3), ("\"a", 1, 1), ("\"\n\"", 1, 2),
            ("\"\\x\"", 1, 2),
            ("\"\\ud800\"", 1, 2), ("\"\\udc00\"", 1, 2), ("\"\\ud800\\u0041\"", 1, 2), ("\"\\u12\"", 1, 6),
            ("{\"a\":1,\n\"a\":2}", 2, 1), (String(repeating: "[", count: 513), 1, 513),
        ])
    func refused(text: String, line: Int, column: Int) {
        let error = #expect(throws: JSONSyntaxError.self) { _ = try JSONValue(parsing: text.utf8) }
        #expect(error?.line == line && error?.column == column, "\(text): \(String(describing: error))")
    }

    @Test("what is no number is written as none, and names are told apart by their bytes")
    func invalid() throws {
        #expect(JSONValue.array([.number("1,2"), .number(""), .number("1.0")]).text == "[null,null,1.0]")
        let (composed, decomposed): (JSONValue, JSONValue) = (["\u{e9}": 1], ["e\u{301}": 1])
        #expect(!composed.isSameJSON(as: decomposed) && composed.isSameJSON(as: composed))
        let value: JSONValue = ["a": [[1], "xyz"]]
        #expect(value.depth == 3 && value.approximateByteCount > 40)
        #expect(throws: JSONSyntaxError.self) { _ = try JSONValue(parsing: "[[1]]".utf8, nestingMax: 1) }
    }

    @Test("bytes that are no UTF-8 are refused")
    func encoding() {
        #expect(throws: JSONSyntaxError.self) { _ = try JSONValue(parsing: [0x22, 0xff, 0x22]) }
    }

    @Test(
        "numbers are the same by what they are worth",
        arguments: [
            ("1", "1.0", true), ("100", "1e2", true), ("0.10", "1e-1", true), ("-0", "0.0", true), ("1", "-1", false),
            ("12345678901234567890", "12345678901234567891", false), ("1e400", "10e399", true), ("1", "true", false),
            ("[1.0,2]", "[1,2.00]", true),
            ("10e9223372036854775807", "1", false), ("1.000e-9223372036854775808", "1", false),
            ("1e99999999999999999999", "1e99999999999999999998", true),
            ("1e99999999999999999999", "1e-99999999999999999999", false),
            ("0e99999999999999999999", "0", true), ("{\"a\":1}", "{\"a\":1e0}", true),
            ("{\"a\":1}", "{\"b\":1}", false),
            ("\"\u{e9}\"", "\"e\u{301}\"", false),
        ])
    func sameness(left: String, right: String, isSame: Bool) throws {
        let (left, right) = (try JSONValue(parsing: left.utf8), try JSONValue(parsing: right.utf8))
        #expect(left.isSameJSON(as: right) == isSame && right.isSameJSON(as: left) == isSame)
    }

    @Test("any value is the same when it has been written and read")
    func roundTrips() throws {
        var random = SeededGenerator()
        for _ in 0..<2000 {
            let value = Self.value(&random, depth: 0)
            #expect(try JSONValue(parsing: value.utf8) == value)
        }
    }

    @Test("no bytes make the parser fail in another way than with an error")
    func anyBytes() {
        var random = SeededGenerator()
        let alphabet = Array("{}[]\",:\\u0123eE+-.truefalsn \n\u{80}\u{ff}".utf8)
        var parsed = 0
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            guard let value = try? JSONValue(parsing: bytes) else { continue }
            parsed += 1
            #expect((try? JSONValue(parsing: value.utf8)) == value)
        }
        #expect(parsed > 10)
    }

    private static func value(_ random: inout SeededGenerator, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth < 4 ? 8 : 6), using: &random) {
        case 0: .null
        case 1: .boolean(Bool.random(using: &random))
        case 2: .integer(Int64.random(in: .min ... .max, using: &random))
        case 3: JSONValue(Double.random(in: -1e9...1e9, using: &random))
        case 4: JSONValue(UInt64.random(in: .min ... .max, using: &random))
        case 5: .string(text(&random))
        case 6: .array((0..<Int.random(in: 0..<4, using: &random)).map { _ in value(&random, depth: depth + 1) })
        default:
            .object(
                Dictionary(
                    (0..<Int.random(in: 0..<4, using: &random)).map { _ in
                        (text(&random), value(&random, depth: depth + 1))
                    }
                ) { first, _ in first })
        }
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0..<6, using: &random) {
            guard let scalar = Unicode.Scalar(UInt32.random(in: 0..<0x500, using: &random)) else { continue }
            text.unicodeScalars.append(scalar)
        }
        return text
    }
}
