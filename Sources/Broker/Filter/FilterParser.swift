/// Reads a filter's text:
///
///     filter = all { "or" all }
///     all    = part { "and" part }
///     part   = "not" part | "(" filter ")" | test
///     test   = subject comparison, as `FilterParser+Tests` reads it
///
/// Keywords may be in capitals.
struct FilterParser {
    private var lexer: FilterLexer
    private(set) var token: FilterToken
    private var nesting = 0
    private var testCount = 0

    init(_ text: String) throws(FilterError) {
        guard text.utf8.count <= FilterLimits.textBytesMax else {
            throw FilterError(
                message: "a filter has at most \(FilterLimits.textBytesMax) bytes", column: FilterLimits.textBytesMax)
        }
        lexer = FilterLexer(Array(text.utf8))
        token = try lexer.next()
    }

    mutating func parse() throws(FilterError) -> FilterNode {
        if token.kind == .end { return .everything }
        let node = try parseAny()
        guard token.kind == .end else {
            throw error(
                token.kind == .close
                    ? "there is no ( for this )" : "expected and, or, or the end, not \(token.description)")
        }
        return node
    }

    func error(_ message: String) -> FilterError { lexer.error(message, at: token.offset) }

    func error(_ message: String, at offset: Int) -> FilterError { lexer.error(message, at: offset) }

    /// The token, and the next one is looked at.
    mutating func take() throws(FilterError) -> FilterToken {
        let taken = token
        token = try lexer.next()
        return taken
    }

    private mutating func parseAny() throws(FilterError) -> FilterNode {
        var nodes = [try parseAll()]
        while token.isKeyword("or") {
            _ = try take()
            nodes.append(try parseAll())
        }
        return nodes.count == 1 ? nodes[0] : .any(nodes)
    }

    private mutating func parseAll() throws(FilterError) -> FilterNode {
        var nodes = [try parsePart()]
        while token.isKeyword("and") {
            _ = try take()
            nodes.append(try parsePart())
        }
        return nodes.count == 1 ? nodes[0] : .all(nodes)
    }

    private mutating func parsePart() throws(FilterError) -> FilterNode {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= FilterLimits.nestingMax else {
            throw error("nested deeper than \(FilterLimits.nestingMax) levels")
        }
        if token.isKeyword("not") {
            _ = try take()
            return .not(try parsePart())
        }
        if token.kind == .open {
            let open = try take()
            let node = try parseAny()
            guard token.kind == .close else {
                throw token.kind == .end
                    ? error("there is no ) for this (", at: open.offset)
                    : error("expected and, or, or ), not \(token.description)")
            }
            _ = try take()
            return node
        }
        testCount += 1
        guard testCount <= FilterLimits.testsMax else {
            throw error("a filter has at most \(FilterLimits.testsMax) comparisons")
        }
        return try parseTest()
    }
}
