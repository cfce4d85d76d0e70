/// Swift source in the making: keeps the indentation, and the project's line length where text has to be wrapped.
struct SourceText {
    static let columnsMax = 120

    private(set) var text = ""
    private var depth = 0

    mutating func line(_ content: String) {
        precondition(!content.isEmpty && !content.contains("\n"))
        text += indentation + content + "\n"
    }

    mutating func blank() {
        text += "\n"
    }

    /// `head {`, the body one level deeper, `}`.
    mutating func block(_ head: String, _ body: (inout SourceText) -> Void) {
        line("\(head) {")
        indented(body)
        line("}")
    }

    mutating func indented(_ body: (inout SourceText) -> Void) {
        depth += 1
        body(&self)
        depth -= 1
    }

    /// A documentation comment, wrapped.
    mutating func doc(_ sentences: String) {
        let prefix = "///"
        var current = prefix
        for word in sentences.split(separator: " ") {
            if indentation.count + current.count + 1 + word.count > Self.columnsMax, current != prefix {
                line(current)
                current = prefix
            }
            current += " \(word)"
        }
        if current != prefix { line(current) }
    }

    /// `head(a, b) tail {`, with an argument a line where one line is not enough.
    mutating func function(_ head: String, _ parameters: [String], _ body: (inout SourceText) -> Void) {
        let whole = "\(head)(\(parameters.joined(separator: ", ")))"
        if indentation.count + whole.count + " {".count <= Self.columnsMax {
            block(whole, body)
            return
        }
        line("\(head)(")
        indented { source in
            for (index, parameter) in parameters.enumerated() {
                source.line(index == parameters.count - 1 ? parameter : "\(parameter),")
            }
        }
        block(")", body)
    }

    private var indentation: String { String(repeating: "    ", count: depth) }
}
