import SeededRandom
import SegmentLog
import TestSeeds
import Testing

@testable import AMQPEngine

@Suite struct PublisherConfirmsTests {
    @Test("every publish is confirmed once, in order, when it is durable and not before")
    func agreesWithModel() {
        var random = SeededGenerator()
        for _ in 0..<500 {
            var confirms = PublisherConfirms()
            /// By publish number, from 1: where the log must be durable, `nil` once it was confirmed or refused.
            var waiting: [UInt64?] = []
            var tail: UInt64 = 0
            var durable: UInt64 = 0
            var burst: UInt64 = 0
            func expectNoneDue() {
                let firstWaiting = waiting.first { $0 != nil } ?? nil
                #expect(confirms.nextPosition == nil || firstWaiting != nil)
            }
            for _ in 0..<200 {
                switch random.next(upTo: 10) {
                case 0...4:
                    // What need not be durable waits for position 0, but not ahead of what was published before.
                    let position = random.once(in: 3) ? 0 : tail
                    confirms.add(durableAt: LogPosition(rawValue: position), burst: burst)
                    waiting.append(position)
                case 5:
                    #expect(confirms.refuse() == UInt64(waiting.count + 1))
                    waiting.append(nil)
                case 6:
                    burst += 1
                case 7:
                    tail += UInt64(random.next(upTo: 5))
                default:
                    durable += UInt64(random.next(upTo: Int(tail - durable) + 1))
                    takeDurable(&confirms, &waiting, durable)
                }
            }
            durable = tail
            takeDurable(&confirms, &waiting, durable)
            #expect(waiting.allSatisfy { $0 == nil }, "publishes that are never confirmed")
            #expect(confirms.nextPosition == nil)
            expectNoneDue()
        }
    }

    private func takeDurable(_ confirms: inout PublisherConfirms, _ waiting: inout [UInt64?], _ durable: UInt64) {
        let taken = confirms.takeDurable { $0.rawValue <= durable }
        if let (through, isMultiple) = taken {
            let covered = waiting.indices.filter { waiting[$0] != nil && $0 < Int(through) }
            #expect(!covered.isEmpty && covered.last == Int(through) - 1, "an ack without a publish")
            #expect(isMultiple || covered.count == 1, "an ack of one for several")
            for index in covered {
                #expect(waiting[index].map { $0 <= durable } == true, "confirmed before it was durable")
                waiting[index] = nil
            }
        }
        // Nothing that could go is held back: what is left starts with something that is not durable.
        if let first = waiting.first(where: { $0 != nil }) ?? nil {
            #expect(confirms.nextPosition != nil)
            _ = first
        }
        if let next = confirms.nextPosition { #expect(next.rawValue > durable) }
    }

    @Test("a burst is one ack")
    func burst() throws {
        var confirms = PublisherConfirms()
        for _ in 0..<100 { confirms.add(durableAt: LogPosition(rawValue: 7), burst: 1) }
        #expect(confirms.takeDurable { $0.rawValue <= 6 } == nil)
        let range = try #require(confirms.takeDurable { $0.rawValue <= 7 })
        #expect(range.through == 100 && range.isMultiple)
    }

    @Test("an ack of one publish is not multiple")
    func single() throws {
        var confirms = PublisherConfirms()
        for number: UInt64 in 1...3 {
            confirms.add(durableAt: LogPosition(rawValue: number), burst: number)
            let range = try #require(confirms.takeDurable { $0.rawValue <= number })
            #expect(range.through == number && !range.isMultiple)
        }
    }
}
