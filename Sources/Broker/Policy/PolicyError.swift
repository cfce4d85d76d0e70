/// A policy's key has a value that it can't have.
struct PolicyError: Error, CustomStringConvertible {
    let key: String
    let reason: String

    var description: String { "\(key): \(reason)" }
}
