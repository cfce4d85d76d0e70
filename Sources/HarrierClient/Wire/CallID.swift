/// Names one caller that waits for something: an answer, a confirm, or room to publish. Never used twice on a
/// connection.
struct CallID: Hashable, Sendable {
    let rawValue: UInt64
}
