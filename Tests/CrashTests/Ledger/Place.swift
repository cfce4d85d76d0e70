/// A message in a queue.
struct Place: Hashable, Sendable {
    let queue: String
    /// `TestMessage`'s.
    let message: UInt64
}

extension Place: CustomStringConvertible {
    var description: String { "\(TestMessage.text(of: message)) in \(queue)" }
}

/// Where a message came into a queue: who brought it there, and as which in a row. Messages of one lane must stand in
/// a queue in the order of their numbers.
struct Rank: Hashable, Sendable {
    let lane: String
    let number: UInt64
}
