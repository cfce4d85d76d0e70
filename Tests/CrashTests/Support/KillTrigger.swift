import Foundation
import SeededRandom
import Synchronization

/// Kills the broker when the load has come to a certain point: some kind of event, counted over all workers.
///
/// Not before the first confirms are in, so that there is something to lose; and not after so many of them that looking
/// into everything would take longer than the load.
final class KillTrigger: Sendable {
    enum Counted: CaseIterable {
        /// Bytes handed to the sockets; the last write before the kill stops at that very byte.
        case bytesSent
        /// Publishes that the broker confirmed, and commits that it answered.
        case confirms
        /// Deliveries that were acknowledged, requeued or rejected.
        case settles
        /// Commits that were sent.
        case commits

        /// How many of them there are at most before the kill.
        var max: Int {
            switch self {
            case .bytesSent: 6 << 20
            case .confirms: 3_000
            case .settles: 1_500
            case .commits: 30
            }
        }
    }

    private static let confirmsMin = 20
    private static let confirmsMax = 4_000

    let counted: Counted
    let limit: Int
    private let processID: Int32
    private let remaining: Atomic<Int>
    private let confirms = Atomic(0)

    init(killing processID: Int32, random: inout SeededGenerator) {
        counted = Counted.allCases[random.next(upTo: Counted.allCases.count)]
        limit = 1 + random.next(upTo: counted.max)
        self.processID = processID
        remaining = Atomic(limit)
    }

    /// How much of a write may go out in one piece.
    func bytesAllowed(_ wanted: Int) -> Int {
        guard counted == .bytesSent, isArmed else { return wanted }
        return min(wanted, max(1, remaining.load(ordering: .relaxed)))
    }

    func note(_ kind: Counted, _ count: Int = 1) {
        if kind == .confirms {
            let (before, after) = confirms.add(count, ordering: .relaxed)
            if before < Self.confirmsMax, after >= Self.confirmsMax { fire() }
        }
        guard kind == counted, isArmed else { return }
        let (before, after) = remaining.subtract(count, ordering: .relaxed)
        if before > 0, after <= 0 { fire() }
    }

    private var isArmed: Bool { confirms.load(ordering: .relaxed) >= Self.confirmsMin }

    /// The process is reaped after the load only, so the id is still its own, even where it was killed before.
    private func fire() {
        kill(processID, SIGKILL)
    }
}
