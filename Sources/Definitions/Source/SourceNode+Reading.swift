extension SourceNode {
    /// How deep lists and tables may be nested, in either format.
    static let nestingMax = 64

    /// How many values a YAML file may have when its aliases are expanded.
    static let yamlNodesMax = 2_000_000

    /// Reads a text in either format.
    init(_ text: String, format: DefinitionFormat) throws(SyntaxError) {
        let bytesMax = format.bytesMax
        guard text.utf8.count <= bytesMax else {
            throw SyntaxError(
                position: SourcePosition(line: 0, column: 0),
                message: "larger than \(bytesMax >> 20) MiB, the most that is read of this format"
            )
        }
        // Some editors and exports begin a file with a byte order mark, which RabbitMQ takes off as well.
        let hasByteOrderMark = text.unicodeScalars.first == "\u{FEFF}"
        let text = hasByteOrderMark ? String(text.unicodeScalars.dropFirst()) : text
        self =
            switch format {
            case .json: try JSONReader.read(text, nestingMax: Self.nestingMax)
            case .yaml: try YAMLReader.read(text, nestingMax: Self.nestingMax, nodesMax: Self.yamlNodesMax)
            }
    }
}
