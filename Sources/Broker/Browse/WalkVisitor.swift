/// What a walk meets. Valid for the call that it is handed to.
struct WalkedMessage {
    let entry: QueueEntry
    let state: MessageState
    let view: MessageView
    let queue: Queue
    /// Why it is a dead letter, and since when, if it is one that nobody takes.
    let undeliverableDeath: Death?
}

/// Looks at messages one by one. It may let the one that it is shown leave the queue; else it changes nothing there.
protocol WalkVisitor: AnyObject {
    /// Called within a turn of the core, for some hundred messages in a row: a microsecond is much.
    func visit(_ message: WalkedMessage) -> WalkStep

    /// What it does with messages that it wants.
    var purpose: WalkPurpose { get }

    /// Messages that it has done that with so far.
    var handledCount: Int { get }

    /// The turn ends for the walk, or the walk itself.
    func pieceEnded()
}

extension WalkVisitor {
    var purpose: WalkPurpose { .look }
    var handledCount: Int { 0 }
    func pieceEnded() {}
}

enum WalkPurpose {
    case look
    /// They are copied, for somebody who renders and sends them: more work than finding them.
    case copy
    /// They leave for other queues or for good, which is work for the end of the turn, and for those who consume them.
    case move
}

enum WalkStep {
    case goOn
    /// On to the next line: of this one nothing else is of interest.
    case skipLine
    /// The walk ends behind this message.
    case stopBehind
    /// The walk ends, and this message has not been seen.
    case stopBefore
    /// On to that place of the queue, or the next one behind it: nothing else is of interest until there.
    case goOnAt(QueueLines.Place)
    /// The walk ends, since nothing else is of interest.
    case done
}

/// How far a walk has come.
struct WalkEnd: Equatable {
    /// Where it could go on; nil if all has been looked at.
    let next: MessageID?
    /// Messages that the visitor was shown.
    let scanned: Int
}
