/// Finds when the oldest message came: the first of each line is the oldest there.
final class OldestFinder: WalkVisitor {
    private(set) var publishedAtMilliseconds: UInt64?

    func visit(_ message: WalkedMessage) -> WalkStep {
        let time = message.view.publishedAtMilliseconds
        publishedAtMilliseconds = min(publishedAtMilliseconds ?? .max, time)
        return .skipLine
    }
}
