import Testing

@testable import Definitions

@Suite("YAML")
struct YAMLReaderTests {
    private func read(
        _ text: String, nodesMax: Int = SourceNode.yamlNodesMax
    ) throws(SyntaxError) -> SourceNode {
        try YAMLReader.read(text, nestingMax: SourceNode.nestingMax, nodesMax: nodesMax)
    }

    private func error(_ yaml: String, nodesMax: Int = SourceNode.yamlNodesMax) -> String {
        do {
            _ = try read(yaml, nodesMax: nodesMax)
            return "no error"
        } catch {
            return "\(error.position.line):\(error.position.column): \(error.message)"
        }
    }

    /// The content in a notation like JSON's, so that tests can compare it.
    private func describe(_ node: SourceNode) -> String {
        switch node.content {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .double(let value): "\(value)"
        case .numberOutOfRange(let text): "out of range \(text)"
        case .text(let text): "\"\(text)\""
        case .list(let items): "[" + items.map(describe).joined(separator: ",") + "]"
        case .table(let members): "{" + members.map { "\($0.key):" + describe($0.value) }.joined(separator: ",") + "}"
        }
    }

    @Test(
        "Plain text follows the core schema of YAML 1.2",
        arguments: [
            ("true", "true"), ("True", "true"), ("FALSE", "false"),
            ("yes", "\"yes\""), ("no", "\"no\""), ("on", "\"on\""), ("Off", "\"Off\""), ("y", "\"y\""),
            ("~", "null"), ("", "null"), ("Null", "null"), ("nil", "\"nil\""),
            ("12", "12"), ("-12", "-12"), ("+12", "12"), ("010", "10"), ("0o17", "15"), ("0x1F", "31"),
            ("0o18", "\"0o18\""), ("0x", "\"0x\""), ("0xg", "\"0xg\""), ("1_000", "\"1_000\""),
            ("12:30", "\"12:30\""), ("1.2.3", "\"1.2.3\""), ("2024-01-01", "\"2024-01-01\""), ("-", "[null]"),
            ("9223372036854775808", "out of range 9223372036854775808"),
            ("0xFFFFFFFFFFFFFFFFF", "out of range 0xFFFFFFFFFFFFFFFFF"),
            ("1.5", "1.5"), ("1.", "1.0"), (".5", "0.5"), ("-.5e1", "-5.0"), ("1e3", "1000.0"), ("1e", "\"1e\""),
            (".", "\".\""), ("e3", "\"e3\""), ("1e999", "out of range 1e999"),
            (".inf", "inf"), ("-.INF", "-inf"), (".nan", "nan"), ("inf", "\"inf\""),
            ("'1'", "\"1\""), ("\"true\"", "\"true\""), ("''", "\"\""), ("!!str 1", "\"1\""),
            ("|-\n  1", "\"1\""), ("=", "\"=\""), ("\"a\\/b \\U0001F426\"", "\"a/b 🐦\""),
        ])
    func plainText(yaml: String, expected: String) throws {
        #expect(describe(try read(yaml)) == expected)
    }

    @Test("A document may be empty, and begin and end with its marks")
    func documents() throws {
        #expect(describe(try read("")) == "null")
        #expect(describe(try read("# nothing\n")) == "null")
        #expect(describe(try read("%YAML 1.2\n---\r\na: 1\r\n...\n")) == "{a:1}")
        #expect(error("a: 1\n---\nb: 2\n").hasPrefix("2:1: but found another document"))
    }

    @Test("An asterisk is itself wherever it is not the beginning of an alias")
    func asterisks() throws {
        let yaml = """
            # * a comment with *one
            "*.a": "*"
            b: '*.error'
            c: order.*
            d: |
              *e
            f: a *b
            """
        #expect(
            describe(try read(yaml)) == #"{*.a:"*",b:"*.error",c:"order.*",d:"*e"# + "\n" + #"",f:"a *b"}"#)
        #expect(error("a: *.error") == "1:4: text that begins with * must stand in quotes")
        #expect(error("a: *") == "1:4: text that begins with * must stand in quotes")
        #expect(error("a: \u{F8A7}") == "1:1: the private-use character U+F8A7 must not occur in a definition file")
    }

    @Test("Aliases stand for the latest anchor above them")
    func aliases() throws {
        let yaml = """
            a: &x [1, &y 2]
            b: *x
            c: {d: *y}
            e: &x 3
            f: *x
            """
        #expect(describe(try read(yaml)) == "{a:[1,2],b:[1,2],c:{d:2},e:3,f:3}")
        let message = "no anchor of this name stands above (text that begins with * must stand in quotes)"
        #expect(error("a: *hunter2") == "1:4: \(message)")
        #expect(error("a: &a [*a]") == "1:8: \(message)")
        #expect(error("a: &a 1\n*a : 2") == "2:1: a key must be text")
    }

    @Test("A merge key adds what the table does not have itself")
    func mergeKeys() throws {
        let yaml = """
            a: &a {x: 1, y: 1}
            b: &b {y: 2, z: 2}
            c: {y: 3, <<: *a}
            d: {<<: [*b, *a], x: 4}
            e: {"<<": 5}
            """
        let expected = "{a:{x:1,y:1},b:{y:2,z:2},c:{y:3,x:1},d:{x:4,y:2,z:2},e:{<<:5}}"
        #expect(describe(try read(yaml)) == expected)
        #expect(error("a: {<<: 1}") == "1:9: the merge key << takes a table, or a list of tables")
        #expect(error("a: {<<: [{}, 1]}") == "1:14: the merge key << takes a table, or a list of tables")
    }

    @Test("Lines and columns count from 1, columns in Unicode scalars")
    func positions() throws {
        guard case .table(let members) = try read("ü🐦: [*]\n".replacing("*", with: "1")).content,
            case .list(let items) = members[0].value.content
        else {
            Issue.record("not a list in a table")
            return
        }
        #expect(members[0].keyPosition == SourcePosition(line: 1, column: 1))
        #expect(items[0].position == SourcePosition(line: 1, column: 6))
        // Neither does the stand-in for asterisks, which has three bytes, move anything.
        #expect(error("\"***\": {<<: 1}") == "1:13: the merge key << takes a table, or a list of tables")
    }

    @Test(
        "What is not YAML, or more than is read of it, is refused with its place",
        arguments: [
            ("a: [1, 2", "2:1: did not find expected ',' or ']', while parsing a flow sequence that begins in line 1"),
            ("a: 'open", "1:9: found unexpected end of stream, while scanning a quoted scalar that begins in line 1"),
            ("a: b: c", "1:5: mapping values are not allowed in this context"),
            (
                "a:\n\tb: 1",
                "2:1: found character that cannot start any token: tabs cannot indent, and text that begins with "
                    + "% @ or ` must stand in quotes, while scanning for the next token that begins in line 2"
            ),
            ("a: 1\na: 2", "1:1: this key stands twice in one table"),
            ("a: !secret x", "1:4: the only tag that is known here is !!str"),
            ("a: !!binary aGk=", "1:4: the only tag that is known here is !!str"),
            ("a: !x {}", "1:4: the only tag that is known here is !!str"),
            ("? [a]\n: 1", "1:3: a key must be text"),
            (
                "a: \"\\ud83d\\udc26\"",
                "1:7: found invalid Unicode character escape code, "
                    + "while parsing a quoted scalar that begins in line 1"
            ),
            ("a: \u{7}", "1:4: control characters are not allowed"),
            ("a: 1\r\nü: \u{7}", "2:4: control characters are not allowed"),
        ])
    func broken(yaml: String, expected: String) {
        #expect(error(yaml) == expected)
    }

    @Test("Aliases that multiply end at the limit of values, whether they are values or keys", .timeLimit(.minutes(1)))
    func bombs() {
        var values = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...30 {
            let previous = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            values += "a\(level): &a\(level) [\(previous)]\n"
        }
        #expect(error(values) == "7:5: more than 2000000 values, with aliases expanded")
        #expect(error(values + "*a30 : 1\n") == "7:5: more than 2000000 values, with aliases expanded")
        #expect(error("{? *a : 1}").hasPrefix("1:4: a key must be text"))

        #expect(error("[1, 2, 3]", nodesMax: 3) == "1:1: more than 3 values, with aliases expanded")
        #expect(error("[1, 2, 3]", nodesMax: 4) == "no error")
    }

    @Test("Nesting ends at its limit, with aliases and without", .timeLimit(.minutes(1)))
    func nesting() {
        func nested(_ depth: Int, _ core: String) -> String {
            String(repeating: "[", count: depth) + core + String(repeating: "]", count: depth)
        }
        #expect(error(nested(64, "1")) == "no error")
        #expect(error(nested(65, "1")) == "1:66: nested deeper than 64 levels")
        #expect(error("- &a \(nested(32, "1"))\n- &b \(nested(30, "*a"))") == "no error")
        #expect(error("- &a \(nested(32, "1"))\n- &b \(nested(32, "*a"))").hasSuffix(": nested deeper than 64 levels"))
        #expect(error(nested(900, "1")).hasSuffix(": nested deeper than 64 levels"))
        #expect(error(nested(100_000, "1")).contains("nesting level"))
        #expect(error(String(repeating: "- ", count: 100_000)).contains("nesting level"))
        #expect(error(String(repeating: "? ", count: 900)).hasPrefix("1:3: a key must be text"))
    }
}
