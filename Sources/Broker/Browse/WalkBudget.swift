/// What a piece of a walk may take: so many messages, or so much time, whichever is used up first.
struct WalkBudget {
    static let messagesPerPiece = 256
    static let nanosecondsPerPiece: UInt64 = 200_000
    /// While nobody else wants the core: a turn costs as much as looking at some dozens of messages.
    static let aloneFactor = 5

    private unowned let core: BrokerCore
    private var messagesLeft: Int
    private let end: UInt64
    private(set) var hasSpent = false

    init(core: BrokerCore, begin: UInt64, isAlone: Bool = false) {
        self.core = core
        let factor = isAlone ? Self.aloneFactor : 1
        messagesLeft = Self.messagesPerPiece * factor
        end = begin + Self.nanosecondsPerPiece * UInt64(factor)
    }

    var isLeft: Bool { messagesLeft > 0 }

    /// A message, or some thousand places where none is, has been looked at.
    mutating func spend() {
        hasSpent = true
        messagesLeft -= 1
        // The clock costs less than looking at a message.
        if core.readMonotonicNanoseconds() >= end { messagesLeft = 0 }
    }
}
