import HeapModule

/// Finds which of the messages that a filter matches are in a sample.
final class SampleFinder: WalkVisitor {
    private let seed: UInt64
    private let messagesMax: Int
    private let range: RedriveRange
    private var gate: FilterGate
    /// Of those that are taken, as far as has been looked.
    private var ranks = Heap<UInt64>()

    init(seed: UInt64, messagesMax: Int, _ range: RedriveRange, _ gate: FilterGate) {
        self.seed = seed
        self.messagesMax = messagesMax
        self.range = range
        self.gate = gate
    }

    func visit(_ message: WalkedMessage) -> WalkStep {
        if let step = range.stepIfOutside(message) { return step }
        if gate.admits(message) {
            let rank = RedriveSample.rank(of: message.entry.sequence, seed: seed)
            if ranks.count < messagesMax {
                ranks.insert(rank)
            } else if let highest = ranks.max, rank < highest {
                ranks.replaceMax(with: rank)
            }
        }
        return gate.step(behind: message)
    }

    var sample: RedriveSample { RedriveSample(seed: seed, rankMax: ranks.max ?? 0) }
}
