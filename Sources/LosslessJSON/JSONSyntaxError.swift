/// Why a text is no JSON, and where.
public struct JSONSyntaxError: Error, Equatable, CustomStringConvertible {
    /// What would be right.
    public let message: String
    /// From 1, in bytes.
    public let line: Int
    public let column: Int

    public var description: String { "line \(line), column \(column): \(message)" }

    init(_ message: String, at position: Int, of bytes: some RandomAccessCollection<UInt8>) {
        self.message = message
        let before = bytes.prefix(position)
        line = before.count { $0 == UInt8(ascii: "\n") } + 1
        column = before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count + 1
    }
}
