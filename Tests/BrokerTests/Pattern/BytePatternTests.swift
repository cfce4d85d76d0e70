import Testing

@testable import Broker

/// What the answers are PCRE 8 gives, as RabbitMQ 3.10 uses it (Erlang's `re:run` without options).
@Suite struct BytePatternTests {
    @Test(
        "what PCRE finds",
        arguments: [
            (#"^]a]+$"#, "]]a", false), (#"^[]a]+$"#, "]a]", true), (#"^[]a]+$"#, "b", false),
            (#"^[^]a]+$"#, "b", true),
            ("^a{,3}$", "a{,3}", true), ("^a{,3}$", "aa", false), ("x{1", "x{1", true), ("^a{2,}$", "aaa", true),
            ("^a{2,3}$", "aaaa", false), ("^a{2}$", "aa", true), ("^(?:ab){0,2}c$", "ababc", true),
            ("a{0}b", "b", true),
            (#"^[[:alpha:]_]+$"#, "Ab_", true), (#"^[[:^digit:]]+$"#, "a1", false), ("[[:alpha:]-z]", "-", true),
            (#"^[\d-z]+$"#, "1-z", true), (#"^[\w.-]+$"#, "a.b-c", true), (#"[\b]"#, "\u{8}", true),
            ("[a-c-e]", "-", true),
            (#"^\Qa.b*\E+$"#, "a.b**", true), (#"^\Qa.b\E$"#, "axb", false), (#"[\Q^]\E]"#, "]", true),
            ("^.$", "\n", false), ("(?s)^.$", "\n", true), ("^a$", "a\n", true), (#"\Aa\z"#, "a\n", false),
            (#"\Aa\Z"#, "a\n", true), ("(?m)^b$", "a\nb\nc", true), ("^b", "a\nb", false), ("(?m)^$", "a\n", false),
            (#"\bx\b"#, "a x", true), (#"\Bx"#, "x", false), (#"^\N+$"#, "ab", true), (#"\h"#, "\t", true),
            ("(?i)^QUEUE$", "queue", true), ("^a(?i)b|c$", "C", true), ("^(?i:a)B$", "AB", true),
            ("^(?i:a)B$", "Ab", false),
            ("(?x) ^a b # rest", "ab", true), ("a(?#comment)b", "ab", true), ("(?i)[^a]", "A", false),
            (#"\x41\x{42}\o{103}"#, "ABC", true),
            (#"^\071\cJ\e$"#, "9\n\u{1B}", true),
            ("^(?!amq\\.).*", "amq.gen", false), ("^(?!amq\\.).*", "orders", true), ("(?<=a)b", "ab", true),
            ("(?<!a)b", "ab", false), ("^(?=.*x)(?!.*y).+$", "axb", true), ("^(?=.*x)(?!.*y).+$", "axy", false),
            ("^(?:(?=(?!b)a).)+$", "aa", true), ("^(?:(?=(?!b)a).)+$", "ab", false), ("(?<=(?<!x)a)b", "xab", false),
            ("(?<name>a)(?'n'b)(?P<m>c)", "abc", true), ("(?|a|b)c", "bc", true), ("()*a", "a", true),
            ("^(a|)+$", "aa", true),
            ("", "anything", true), ("a|", "b", true), ("^(a*)*$", "b", false), ("^(?:a?){3}$", "aa", true),
            (#"\y"#, "y", true), (#"\."#, "x", false), ("^{username}$", "{username}", true), ("a]}", "a]}", true),
        ])
    func finds(pattern: String, text: String, isMatch: Bool) throws {
        #expect(try BytePattern(pattern).matches(text.utf8) == isMatch)
    }

    @Test("text is bytes: a letter with an accent is two of them, and not in a class of letters")
    func bytes() throws {
        #expect(try BytePattern("^..$").matches("é".utf8))
        #expect(try BytePattern("^é+$").matches("é".utf8))
        #expect(try BytePattern("é").matches("\u{E9}".utf8))
        #expect(try !BytePattern("é").matches("e\u{301}".utf8))
        #expect(try !BytePattern(#"\w|[[:alpha:]]"#).matches("é".utf8))
        #expect(try BytePattern(#"^\x{C3}\xA9$"#).matches("é".utf8))
    }

    @Test(
        "what PCRE refuses",
        arguments: [
            ("[", "missing terminating ]"), ("[]", "missing terminating ]"), ("[^]", "missing terminating ]"),
            ("(a", "missing )"), ("a)", "unmatched )"), ("*a", "nothing to repeat"), ("a|*", "nothing to repeat"),
            ("a**", "nothing to repeat"), ("a{2}{3}", "nothing to repeat"), ("^*", "nothing to repeat"),
            (#"\b+"#, "nothing to repeat"), ("{1}", "nothing to repeat"), ("(?i)*", "nothing to repeat"),
            ("a{3,2}", "numbers out of order"), ("a{65536}", "larger than 65535"), ("[z-a]", "range out of order"),
            (#"[a-\d]"#, "invalid range"), ("[[:foo:]]", "unknown POSIX class"), ("[[.a.]]", "collating elements"),
            (#"\"#, #"\ at end"#), ("(?i", "missing )"), ("(?y)", "unrecognized character"),
            ("(?#a", "missing ) after comment"),
            ("(?<1>a)", "group's name"), (#"\L"#, "not supported"),
        ])
    func refuses(pattern: String, words: String) {
        let error = #expect(throws: PatternError.self) { try BytePattern(pattern) }
        #expect(error?.message.contains(words) == true, "\(String(describing: error))")
    }

    @Test(
        "what can't be matched in linear time is refused by name",
        arguments: [
            (#"(a)\1"#, "backreferences"), (#"\103"#, "backreferences"), (#"(?<n>a)\k<n>"#, "backreferences"),
            ("(?P<n>a)(?P=n)", "backreferences"),
            ("(?>a)", "atomic groups"), ("a++", "possessive quantifiers"), ("a{2}+", "possessive quantifiers"),
            ("(?R)", "recursion"), ("(?1)", "recursion"), ("(?&n)", "recursion"), ("(a)?(?(1)b)", "conditions"),
            ("(*ACCEPT)", "verbs"), (#"a\Kb"#, #"\K"#), (#"\R"#, #"\R"#), (#"\X"#, #"\X"#),
            (#"\p{L}"#, "Unicode properties"),
        ])
    func refusesByName(pattern: String, words: String) {
        let error = #expect(throws: PatternError.self) { try BytePattern(pattern) }
        #expect(error?.message.contains(words) == true, "\(String(describing: error))")
    }

    @Test(
        "a pattern that would be too large is refused before it is",
        arguments: [
            "a{65535}", "((a{100}){100}){100}", "((((((){1000}){1000}){1000}){1000}){1000}){1000}",
            "(?=((a{100}){100}))", String(repeating: "(", count: 10_000), String(repeating: "(?=", count: 5_000),
        ])
    func size(pattern: String) {
        #expect(throws: PatternError.self) { try BytePattern(pattern) }
    }

    /// With a matcher that goes back each of these takes longer than anybody waits.
    @Test(
        "time is linear, whatever the pattern", .timeLimit(.minutes(1)),
        arguments: [
            #"^([a-z]+\.?)+$"#, "^(a+)+$", "^(a|aa)+$", "^(a*)*$", "^(a|a?)+$", "(a?){100}a{100}$", "(x+x+)+y|(a+a+)+$",
            "^(?=(a+)+$)", "(?<=^(a+)+1)b", "^(?:(?!(a+)+2).)*2$",
        ])
    func time(pattern: String) throws {
        let name = String(repeating: "a", count: 254) + "1"
        #expect(try !BytePattern(pattern).matches(name.utf8))
    }
}
