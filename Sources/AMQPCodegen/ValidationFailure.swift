/// What the command prints before it exits with 1.
struct ValidationFailure: Error, CustomStringConvertible {
    let text: String

    var description: String { text }
}
