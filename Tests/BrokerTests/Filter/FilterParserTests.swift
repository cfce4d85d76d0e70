import SeededRandom
import TestSeeds
import Testing

@testable import Broker

/// What is a filter, and what is said of what is none.
@Suite struct FilterParserTests {
    @Test(
        "these are filters",
        arguments: [
            "", "  ", "reason = rejected", "reason == 'expired'", "reason in (rejected, maxlen)",
            "source = orders and (age > 2h or size >= 10KiB) and not redelivered", "NOT app_id exists OR key = a",
            "key topic orders.*.#", "key like 'a*?'", "header.x-retry > 3", "header.\"two words\" = 'x'", "id = 5",
            "id in (1, 2,3)", "id not in (1)", "$.a['b c'][0].d[*] ~ '^x\\d+$'", "body contains \"a \\\"b\\\"\"",
            "message-id = m", "app_id not exists", "death.count >= 2 and first.age < 7d and deaths != 1",
            "priority = 3", "header.a not like x", "timestamp < 5", "redelivered = false", "$ exists", "redriven > 0",
        ])
    func good(text: String) throws {
        _ = try MessageFilter(text)
    }

    @Test(
        "what is wrong is said with its place, and with what would be right",
        arguments: [
            ("reason", 7, "expected a comparison (="),
            ("reason = nonsense", 10, "expected one of rejected, expired, maxlen, delivery_limit"),
            ("raeson = rejected", 1, "no field is called 'raeson'"),
            ("age > 5", 7, "a time with its unit"),
            ("size > 10 parsecs", 11, "expected and, or, or the end"),
            ("size > big", 8, "expected a size"),
            ("(reason = expired", 1, "there is no )"),
            ("reason = expired)", 17, "there is no ("),
            ("reason = expired and", 21, "expected a comparison like"),
            ("key = 'abc", 7, "the text has no end"),
            ("body ~ '('", 8, "regular expression"),
            ("$.a[x] = 1", 5, "expected a number from 0"),
            ("$.a[0 = 1", 4, "the bracket has no end"),
            ("id = x", 6, "expected an id"),
            ("id > 5", 4, "expected = or in behind id"),
            ("key in a", 8, "expected ( behind in"),
            ("key in (a b)", 11, "expected , or )"),
            ("key ! a", 5, "expected != or !~"),
            ("header. = x", 1, "no field is called 'header.'"),
            ("deaths > 'a'", 10, "expected a number"),
            ("header.x < abc", 12, "expected a number"),
            ("ключ = 1", 1, "no field"),
            ("key = ключ and size = x", 23, "expected a size"),
        ])
    func bad(text: String, column: Int, message: String) throws {
        let error = try #require(throws: FilterError.self) { _ = try MessageFilter(text) }
        #expect(error.column == column && error.message.contains(message), "\(text): \(error)")
    }

    @Test("every limit is held")
    func limits() throws {
        func fails(_ text: String, _ part: String) throws {
            let error = try #require(throws: FilterError.self) { _ = try MessageFilter(text) }
            #expect(error.message.contains(part), "\(error)")
        }
        try fails(String(repeating: "x", count: FilterLimits.textBytesMax + 1), "bytes")
        let deep = FilterLimits.nestingMax
        _ = try MessageFilter(
            String(repeating: "(", count: deep - 1) + "key = a" + String(repeating: ")", count: deep - 1))
        try fails(
            String(repeating: "(", count: deep) + "key = a" + String(repeating: ")", count: deep), "nested deeper")
        try fails(String(repeating: "not ", count: deep) + "key = a", "nested deeper")
        let tests = Array(repeating: "key = a", count: FilterLimits.testsMax).joined(separator: " or ")
        _ = try MessageFilter(tests)
        try fails(tests + " or key = a", "comparisons")
        let ids = (0..<FilterLimits.valuesMax).map { "\($0)" }.joined(separator: ",")
        _ = try MessageFilter("id in (\(ids))")
        try fails("id in (\(ids),5000)", "values")
        try fails("$" + String(repeating: "[0]", count: FilterLimits.jsonNestingMax + 1) + " exists", "steps")
    }

    @Test("any text is a filter or an error, never the end of the process")
    func random() {
        var random = SeededGenerator()
        let words = [
            "reason", "=", "!=", "~", "(", ")", "and", "or", "not", "in", ",", "'", "\"", "\\", "$.a", "[0]", "['x']",
            "id",
            "5", "header.", "like", "exists", " ", "ä", "\u{0}", "9999999999999999999", "age", "2h", "<", "rejected",
            "$[",
            "body", "[", "]", "*", ".", "1e999", "-",
        ]
        for _ in 0..<20_000 {
            let text = (0..<random.next(upTo: 12)).map { _ in words[random.next(upTo: words.count)] }
                .joined(separator: random.next(upTo: 2) == 0 ? " " : "")
            do throws(FilterError) {
                _ = try MessageFilter(text)
            } catch {
                #expect((1...text.count + 1).contains(error.column), "seed \(random.seed): \(text)")
            }
        }
    }
}
