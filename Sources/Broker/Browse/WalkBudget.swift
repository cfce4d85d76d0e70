/// What a piece of a walk may take: so many messages, or so much time, whichever is used up first.
struct WalkBudget {
    static let messagesPerPiece = 256
    static let nanosecondsPerPiece: UInt64 = 200_000

    private unowned let core: BrokerCore
    private var messagesLeft = messagesPerPiece
    private let end: UInt64
    private(set) var hasSpent = false

    init(core: BrokerCore, begin: UInt64) {
        self.core = core
        end = begin + Self.nanosecondsPerPiece
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
