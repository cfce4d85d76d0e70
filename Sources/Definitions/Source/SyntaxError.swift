/// A text that is not JSON or not YAML. Reading stops at the first one. The message never quotes the text, in which a
/// password may stand.
struct SyntaxError: Error, Equatable {
    var position: SourcePosition
    var message: String
}
