/// A place in a text. Both count from 1, columns in Unicode scalars.
struct SourcePosition: Hashable {
    /// 32 bits are enough for any text within the limits, and keep ``SourceNode`` small.
    var line: Int32
    var column: Int32

    init(line: Int, column: Int) {
        self.line = Int32(clamping: line)
        self.column = Int32(clamping: column)
    }
}
