import SeededRandom
import TestSeeds
import Testing

@testable import AMQPEngine
@testable import Broker

@Suite struct UnackedLedgerTests {
    @Test("agrees with a sorted list of tags, whatever is done")
    func agreesWithModel() throws {
        var random = SeededGenerator()
        let fixture = try EngineFixture()
        let queue = try fixture.host.declareQueue("q", QueueProperties(isDurable: false), by: nil)
        func delivery(_ tag: UInt64) -> UnackedLedger.Delivery {
            let handle = MessageHandle(rawValue: tag)
            return UnackedLedger.Delivery(
                tag: tag, deadlineNanoseconds: .max,
                entry: QueueEntry(handle: handle, sequence: tag, bodyCount: 0, share: 0), queue: queue,
                consumer: nil)
        }
        for _ in 0..<300 {
            var ledger = UnackedLedger()
            var model: [UInt64] = []
            var nextTag: UInt64 = 1
            for _ in 0..<400 {
                // Some tags are never appended: those of deliveries without acknowledgement.
                let someTag = UInt64(random.next(upTo: Int(nextTag) + 2))
                switch random.next(upTo: 12) {
                case 0...5:
                    nextTag += UInt64(random.once(in: 4) ? 1 + random.next(upTo: 3) : 1)
                    ledger.append(delivery(nextTag))
                    model.append(nextTag)
                case 6...8:
                    let taken = ledger.take(someTag)
                    #expect(taken?.tag == model.first { $0 == someTag })
                    model.removeAll { $0 == someTag }
                case 9:
                    let isOutstanding = model.contains(someTag)
                    var taken: [UInt64] = []
                    #expect(ledger.take(through: someTag) { taken.append($0.tag) } == isOutstanding)
                    #expect(taken == (isOutstanding ? model.filter { $0 <= someTag } : []))
                    if isOutstanding { model.removeAll { $0 <= someTag } }
                case 10 where random.once(in: 10):
                    #expect(ledger.takeAll().map(\.tag) == model)
                    model = []
                case 11:
                    // A transaction that takes some out and is rolled back.
                    var taken: [UnackedLedger.Delivery] = []
                    for tag in model.shuffled(using: &random).prefix(3) {
                        if let delivery = ledger.take(tag) { taken.append(delivery) }
                    }
                    ledger.restore(taken)
                default: break
                }
                #expect(ledger.count == model.count && ledger.isEmpty == model.isEmpty)
            }
            #expect(ledger.takeAll().map(\.tag) == model)
        }
    }

    @Test("settling out of order costs memory for what is outstanding, not for what was")
    func gapsAreClosed() throws {
        let fixture = try EngineFixture()
        let queue = try fixture.host.declareQueue("q", QueueProperties(isDurable: false), by: nil)
        var ledger = UnackedLedger()
        // The first stays for ever, the others come and go.
        for tag: UInt64 in 1...10_000 {
            let entry = QueueEntry(handle: MessageHandle(rawValue: tag), sequence: tag, bodyCount: 0, share: 0)
            ledger.append(
                UnackedLedger.Delivery(tag: tag, deadlineNanoseconds: .max, entry: entry, queue: queue, consumer: nil))
            if tag > 1 { #expect(ledger.take(tag)?.tag == tag) }
        }
        #expect(ledger.count == 1)
        #expect(ledger.placeCount < 200)
    }
}
