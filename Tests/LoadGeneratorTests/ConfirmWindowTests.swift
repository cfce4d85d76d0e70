import SeededRandom
import TestSeeds
import Testing

@testable import LoadGenerator

@Suite struct ConfirmWindowTests {
    @Test func aFullWindowHasNoRoom() throws {
        let window = ConfirmWindow(limit: 10)
        var latency = LatencyRecorder()
        window.sent(10, at: 100)
        #expect(window.room == 0)
        try window.settle(4, multiple: true, isNack: false, at: 200, recording: &latency)
        #expect(window.room == 4)
        #expect(window.outstanding == 6)
        latency.endRun()
        #expect(latency.takeRecent().count == 4)
    }

    @Test func aTagThatStaysOpenKeepsItsPlace() throws {
        let window = ConfirmWindow(limit: 32)
        var latency = LatencyRecorder()
        window.sent(1, at: 1)
        var sent: UInt64 = 1
        // Everything but the first is confirmed, until the ring has no place left: twice the window.
        while window.room > 0 {
            window.sent(1, at: 1)
            sent += 1
            try window.settle(sent, multiple: false, isNack: false, at: 2, recording: &latency)
        }
        #expect(sent == 64)
        try window.settle(1, multiple: false, isNack: true, at: 2, recording: &latency)
        #expect(window.room == 32)
        #expect(window.nacked == 1)
        #expect(window.confirmed == 63)
    }

    @Test func confirmsOfNothingBreakTheProtocol() throws {
        let window = ConfirmWindow(limit: 10)
        var latency = LatencyRecorder()
        window.sent(2, at: 1)
        try window.settle(1, multiple: false, isNack: false, at: 2, recording: &latency)
        for (tag, multiple) in [(1, false), (3, false), (3, true)] as [(UInt64, Bool)] {
            #expect(throws: LoadError.self) {
                try window.settle(tag, multiple: multiple, isNack: false, at: 2, recording: &latency)
            }
        }
        // Tag 0 with multiple is all so far.
        try window.settle(0, multiple: true, isNack: false, at: 2, recording: &latency)
        #expect(window.outstanding == 0)
    }

    @Test func anyOrderOfConfirmsIsCounted() throws {
        var random = SeededGenerator()
        let limit = 50
        let window = ConfirmWindow(limit: limit)
        var latency = LatencyRecorder()
        var open: Set<UInt64> = []
        var confirmed = 0
        var nacked = 0
        for _ in 0..<5_000 {
            if random.next(upTo: 2) == 0, window.room > 0 {
                let count = 1 + random.next(upTo: window.room)
                let first = window.lastTag + 1
                window.sent(count, at: 1)
                open.formUnion(first..<first + UInt64(count))
            } else if let tag = open.randomElement(using: &random) {
                let multiple = random.next(upTo: 3) == 0
                let isNack = random.next(upTo: 5) == 0
                let settled = multiple ? open.filter { $0 <= tag } : [tag]
                open.subtract(settled)
                if isNack { nacked += settled.count } else { confirmed += settled.count }
                try window.settle(tag, multiple: multiple, isNack: isNack, at: 2, recording: &latency)
            }
            #expect(window.outstanding == open.count)
            #expect(window.room <= limit - open.count)
        }
        #expect(window.confirmed == confirmed)
        #expect(window.nacked == nacked)
    }
}
