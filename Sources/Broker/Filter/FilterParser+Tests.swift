/// Comparisons:
///
///     test    = "id" ("=" number | "in" list)
///             | "redelivered"
///             | subject ("=" | "!=") value
///             | subject ("<" | "<=" | ">" | ">=") number
///             | subject ["not"] "in" "(" value { "," value } ")"
///             | subject ("~" | "!~") regular-expression
///             | subject ["not"] ("like" | "topic" | "contains") text
///             | subject ["not"] "exists"
///     subject = a name of `FilterSubject.named` | "header." name | "$" path
extension FilterParser {
    mutating func parseTest() throws(FilterError) -> FilterNode {
        guard token.kind == .word else {
            throw error("expected a comparison like reason = rejected, not \(token.description)")
        }
        let name = try take()
        if name.isKeyword("id") { return try parseIDs() }
        let subject = try subject(name)
        return try parseComparison(subject, name)
    }

    /// A subject alone, for groups.
    mutating func parseSubject() throws(FilterError) -> FilterSubject {
        guard token.kind == .word else { throw error("expected a field, \(Self.fields)") }
        let subject = try subject(try take())
        guard token.kind == .end else { throw error("expected the end, not \(token.description)") }
        return subject
    }

    private static let fields =
        "like reason, source, exchange, key, deaths, death.age, first.age, age, size, priority, redriven, message_id, "
        + "header.NAME, body, $.json.path"

    private mutating func subject(_ name: FilterToken) throws(FilterError) -> FilterSubject {
        let text = name.text
        if text.hasPrefix("$") {
            do {
                return .json(try JSONPath(name.bytes))
            } catch {
                throw self.error("JSON path: \(error.message)", at: name.offset + error.offset)
            }
        }
        let headerPrefix = "header."
        if text.lowercased() == headerPrefix, token.kind == .quoted, token.isAttached {
            return .header(try take().bytes)
        }
        if text.lowercased().hasPrefix(headerPrefix), text.utf8.count > headerPrefix.utf8.count {
            return .header(Array(name.bytes.dropFirst(headerPrefix.utf8.count)))
        }
        let known = text.lowercased().map { $0 == "-" ? "_" : String($0) }.joined()
        guard let subject = FilterSubject.named[known] else {
            throw error("no field is called \(name.description): expected one \(Self.fields)", at: name.offset)
        }
        return subject
    }

    private mutating func parseIDs() throws(FilterError) -> FilterNode {
        if token.kind == .comparison, token.text == "=" || token.text == "!=" {
            let isNegated = try take().text == "!="
            let node = FilterNode.ids([try parseID()])
            return isNegated ? .not(node) : node
        }
        let isNegated = try takeNot()
        guard token.isKeyword("in") else { throw error("expected = or in behind id, not \(token.description)") }
        _ = try take()
        var ids: Set<UInt64> = []
        try parseList { parser throws(FilterError) in ids.insert(try parser.parseID()) }
        return isNegated ? .not(.ids(ids)) : .ids(ids)
    }

    private mutating func parseID() throws(FilterError) -> UInt64 {
        guard token.kind == .word || token.kind == .quoted, let id = MessageID(token.text) else {
            throw error("expected an id, a number as browse shows it, not \(token.description)")
        }
        _ = try take()
        return id.rawValue
    }

    private mutating func takeNot() throws(FilterError) -> Bool {
        guard token.isKeyword("not") else { return false }
        _ = try take()
        return true
    }

    private mutating func parseComparison(_ subject: FilterSubject, _ name: FilterToken) throws(FilterError)
        -> FilterNode
    {
        if token.kind == .comparison { return try parseSign(subject) }
        let isNegated = try takeNot()
        func result(_ comparison: FilterOperator) -> FilterNode {
            isNegated ? .not(.test(subject, comparison)) : .test(subject, comparison)
        }
        if token.isKeyword("exists") {
            _ = try take()
            return result(.exists)
        }
        if token.isKeyword("in") {
            _ = try take()
            var literals: [FilterLiteral] = []
            try parseList { parser throws(FilterError) in literals.append(try parser.parseLiteral(subject)) }
            return result(.isOneOf(literals))
        }
        for keyword in ["like", "topic", "contains"] where token.isKeyword(keyword) {
            _ = try take()
            let text = try parseText(behind: keyword)
            switch keyword {
            case "like": return result(.isLike(Glob(text)))
            case "topic": return result(.fitsTopic(TopicPattern(text)))
            default: return result(.contains(SoughtBytes(text)))
            }
        }
        if case .boolean = subject.kind, !isNegated {
            return .test(subject, .equals(try literal(Array("true".utf8), isBare: true, subject, at: name.offset)))
        }
        throw error(
            "expected a comparison (=, !=, <, <=, >, >=, ~, !~, in, like, topic, contains, exists), not "
                + token.description)
    }

    private mutating func parseSign(_ subject: FilterSubject) throws(FilterError) -> FilterNode {
        let sign = try take().text
        switch sign {
        case "=": return .test(subject, .equals(try parseLiteral(subject)))
        case "!=": return .not(.test(subject, .equals(try parseLiteral(subject))))
        case "~": return .test(subject, try parsePattern())
        case "!~": return .not(.test(subject, try parsePattern()))
        default: break
        }
        let place = token
        guard let bound = try parseLiteral(subject).number else {
            throw error("expected a number behind \(sign), not \(place.description)", at: place.offset)
        }
        return switch sign {
        case "<": .test(subject, .less(bound))
        case "<=": .test(subject, .lessOrEqual(bound))
        case ">": .test(subject, .greater(bound))
        default: .test(subject, .greaterOrEqual(bound))
        }
    }

    private mutating func parsePattern() throws(FilterError) -> FilterOperator {
        let place = token
        let text = try parseText(behind: "~")
        // What has no special character is found faster.
        if text.allSatisfy({ isPlain($0) }) { return .contains(SoughtBytes(text)) }
        do {
            return .matches(try BytePattern(String(decoding: text, as: UTF8.self)))
        } catch {
            throw self.error("regular expression: \(error)", at: place.offset)
        }
    }

    private func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: " "), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "/"):
            true
        default: false
        }
    }

    private mutating func parseText(behind keyword: String) throws(FilterError) -> [UInt8] {
        guard token.kind == .word || token.kind == .quoted else {
            throw error("expected a text behind \(keyword), in quotes if it has spaces, not \(token.description)")
        }
        return try take().bytes
    }

    private mutating func parseLiteral(_ subject: FilterSubject) throws(FilterError) -> FilterLiteral {
        guard token.kind == .word || token.kind == .quoted else {
            throw error("expected a value, in quotes if it has spaces, not \(token.description)")
        }
        let value = try take()
        return try literal(value.bytes, isBare: value.kind == .word, subject, at: value.offset)
    }

    private func literal(
        _ bytes: [UInt8], isBare: Bool, _ subject: FilterSubject, at offset: Int
    ) throws(FilterError) -> FilterLiteral {
        let text = String(decoding: bytes, as: UTF8.self)
        if subject.isReason, DeadLetterReason(rawValue: text) == nil {
            let known = DeadLetterReason.allCases.map(\.rawValue).joined(separator: ", ")
            throw error("no reason is called '\(text)': expected one of \(known)", at: offset)
        }
        guard let literal = FilterLiteral(bytes, isBare: isBare, as: subject.kind) else {
            let expected =
                switch subject.kind {
                case .time: "a time with its unit: 500ms, 30s, 5m, 2h, 7d"
                case .bytes: "a size: 512, 10KiB, 1MB"
                case .number: "a number"
                case .boolean: "true or false"
                case .text, .any: "a value"
                }
            throw error("expected \(expected), not '\(text)'", at: offset)
        }
        return literal
    }

    /// `( item, item … )`
    private mutating func parseList(
        _ item: (inout FilterParser) throws(FilterError) -> Void
    ) throws(FilterError) {
        guard token.kind == .open else { throw error("expected ( behind in, not \(token.description)") }
        _ = try take()
        var count = 0
        while true {
            count += 1
            guard count <= FilterLimits.valuesMax else {
                throw error("a list has at most \(FilterLimits.valuesMax) values")
            }
            try item(&self)
            if token.kind == .close { break }
            guard token.kind == .comma else { throw error("expected , or ) in the list, not \(token.description)") }
            _ = try take()
        }
        _ = try take()
    }
}
