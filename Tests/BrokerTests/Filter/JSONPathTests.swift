import Foundation
import SeededRandom
import TestSeeds
import Testing

@testable import Broker

/// Paths into JSON that nobody has parsed.
@Suite struct JSONPathTests {
    /// The values there, as text.
    private func values(_ path: String, _ text: String) throws -> [String] {
        let path = try JSONPath(Array(path.utf8))
        var found: [String] = []
        _ = Array(text.utf8).withUnsafeBytes { bytes in
            path.ask(bytes) { value in
                switch value {
                case .text(let bytes): found.append("'" + String(decoding: bytes, as: UTF8.self))
                case .integer(let value): found.append("\(value)")
                case .number(let value): found.append("\(value)")
                case .digits(let bytes): found.append("digits " + String(decoding: bytes, as: UTF8.self))
                case .boolean(let value): found.append("\(value)")
                case .null: found.append("null")
                case .other: found.append("other")
                }
                return .no
            }
        }
        return found
    }

    @Test("integers beyond 64 bits keep their digits")
    func digits() throws {
        #expect(try values("$.id", #"{"id": 12345678901234567890}"#) == ["digits 12345678901234567890"])
        #expect(try values("$.id", #"{"id": -98765432109876543210}"#) == ["digits -98765432109876543210"])
        #expect(try values("$.id", #"{"id": 9223372036854775807}"#) == ["9223372036854775807"])
    }

    @Test("names, numbers and stars lead to values")
    func steps() throws {
        let text =
            #" {"a": {"b c": [1, -2.5e1, "x\"y\u00e4\ud83d\ude00", null, true, {}]}, "z": [{"k":1},{"k":2},{}], "e\n": 7} "#
        #expect(try values("$.a['b c'][0]", text) == ["1"])
        #expect(try values("$.a['b c'][*]", text) == ["1", "-25.0", "'x\"yä😀", "null", "true", "other"])
        #expect(try values("$.z[*].k", text) == ["1", "2"])
        #expect(try values("$.z[1].k", text) == ["2"] && values("$.z[7].k", text) == [])
        #expect(try values("$.*", text) == ["other", "other", "7"])
        #expect(try values("$.a.x", text) == [] && values("$.z.k", text) == [] && values("$[0]", text) == [])
        #expect(try values("$", "17") == ["17"] && values("$", "") == [] && values("$", "\"a\"") == ["'a"])
        #expect(try values("$.a", #"{"a":1,"a":2}"#) == ["1"])
        #expect(try values("$['e\\n']", #"{"e\n":1}"#) == [] && values("$.e", #"{"\u0065":1}"#) == ["1"])
    }

    @Test("what is no JSON has no values; what is too deep is left open")
    func broken() throws {
        for text in ["{", "{\"a\"", "{\"a\":", "{\"a\":}", "{\"a\":1", "[1", "nul", "\"", "{a:1}", "{\"b\" 1}"] {
            #expect(try values("$.a.b", text) == [], "\(text)")
        }
        let deep = String(repeating: "[", count: FilterLimits.jsonNestingMax + 1)
        let path = try JSONPath(Array("$.b".utf8))
        let verdict = Array("{\"a\":\(deep)".utf8).withUnsafeBytes { path.ask($0) { _ in .yes } }
        #expect(verdict == .undecided)
    }

    @Test("random JSON is read as Foundation reads it, and random bytes are survived")
    func random() throws {
        var random = SeededGenerator()
        for _ in 0..<2000 {
            let value = Self.value(&random, depth: 0)
            var bytes = try JSONSerialization.data(withJSONObject: ["v": value], options: [])
            let found = try values("$.v", String(decoding: bytes, as: UTF8.self))
            switch value {
            case let text as String: #expect(found == ["'" + text], "seed \(random.seed)")
            case let number as Int: #expect(found == ["\(number)"], "seed \(random.seed)")
            default: #expect(found.count == 1, "seed \(random.seed)")
            }
            for _ in 0..<3 where !bytes.isEmpty {
                bytes[random.next(upTo: bytes.count)] = UInt8(random.next(upTo: 256))
            }
            _ = try values("$.v[*].a", String(decoding: bytes, as: UTF8.self))
            _ = try values(
                "$[0][*].*", String(decoding: bytes.dropFirst(random.next(upTo: bytes.count + 1)), as: UTF8.self))
        }
    }

    private static let characters: [Character] = ["a", "b", "\"", "\\", "/", "\n", "\t", "ä", "😀", "\u{1}"]

    private static func value(_ random: inout SeededGenerator, depth: Int) -> Any {
        switch random.next(upTo: depth > 3 ? 3 : 5) {
        case 0: return random.next(upTo: 100_000) - 50_000
        case 1:
            return String(
                (0..<random.next(upTo: 5)).map { _ in Self.characters[random.next(upTo: Self.characters.count)] })
        case 2: return NSNull()
        case 3: return (0..<random.next(upTo: 3)).map { _ in value(&random, depth: depth + 1) }
        default:
            return Dictionary(
                (0..<random.next(upTo: 3)).map { ("\($0)\"", value(&random, depth: depth + 1)) }
            ) { first, _ in first }
        }
    }
}
