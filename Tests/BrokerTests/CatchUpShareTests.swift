import Testing

@testable import Broker

/// What readers of old messages get of the core's time.
@Suite struct CatchUpShareTests {
    private static let turn: UInt64 = 100_000
    /// Between two turns, as when the sockets always have something.
    private static let gap: UInt64 = 10_000

    /// Turns without idle time; those who catch up hand out all that they may, at a microsecond each.
    ///
    /// - Returns: how many messages that were.
    private func run(
        _ share: inout CatchUpShare, from now: inout UInt64, turns: Int, tailDeliveries: Int
    ) -> Int {
        var caughtUp = 0
        for _ in 0..<turns {
            let count = share.messagesPerQueue
            if count > 0 { share.spend(messages: count, nanoseconds: UInt64(count) * 1_000) }
            caughtUp += count
            share.noteTailDeliveries(tailDeliveries)
            share.endTurn(begin: now, end: now + Self.turn)
            now += Self.turn + Self.gap
        }
        return caughtUp
    }

    @Test func aloneTheyGetEveryTurn() {
        var share = CatchUpShare()
        var now: UInt64 = 1_000_000_000
        let first = run(&share, from: &now, turns: 1000, tailDeliveries: 0)
        #expect(first > 200_000)
    }

    @Test func besideBusyTailsTheyGetAFewHundredths() {
        var share = CatchUpShare()
        var now: UInt64 = 1_000_000_000
        _ = run(&share, from: &now, turns: 100, tailDeliveries: 50)
        let beside = run(&share, from: &now, turns: 20_000, tailDeliveries: 50)
        // Two seconds of turns, of which a sixty-fourth; a message costs ten times what handing it out does.
        let expected = 20_000 * Int(Self.turn) / 64 / 10_000
        #expect((expected / 2...expected * 2).contains(beside), "\(beside), about \(expected) expected")
    }

    /// A turn without tail deliveries, as one of acknowledgements alone, does not mean that the others are done.
    @Test func othersCountAsBusyForAWhile() {
        var share = CatchUpShare()
        var now: UInt64 = 1_000_000_000
        _ = run(&share, from: &now, turns: 100, tailDeliveries: 50)
        #expect(run(&share, from: &now, turns: 20, tailDeliveries: 0) < 256)
        #expect(run(&share, from: &now, turns: 200, tailDeliveries: 0) > 30_000)
    }
}
