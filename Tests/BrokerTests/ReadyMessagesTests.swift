import Testing

@testable import Broker

@Suite struct ReadyMessagesTests {
    @Test("random appends, pops and restores keep to the order by priority and sequence", arguments: 0..<16)
    func randomOperations(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let priorities: UInt8 = seed.isMultiple(of: 2) ? 0 : 4
        var ready = ReadyMessages(maxPriority: priorities)
        var model: [(priority: UInt8, sequence: UInt64)] = []
        var out: [(entry: QueueEntry, priority: UInt8)] = []
        var sequence: UInt64 = 0
        for _ in 0..<2000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                sequence += 1
                let priority = UInt8.random(in: 0...priorities, using: &random)
                let entry = QueueEntry(handle: MessageHandle(rawValue: sequence), sequence: sequence)
                ready.append(entry, priority: priority)
                model.append((priority, sequence))
            case 5..<8:
                let expected = model.indices.min { left, right in
                    (model[right].priority, model[left].sequence) < (model[left].priority, model[right].sequence)
                }
                let entry = ready.popFirst()
                #expect(entry?.sequence == expected.map { model[$0].sequence }, "seed \(seed)")
                if let entry, let expected { out.append((entry, model.remove(at: expected).priority)) }
            default:
                guard let index = out.indices.randomElement(using: &random) else { continue }
                let (entry, priority) = out.remove(at: index)
                ready.restore(entry, priority: priority)
                model.append((priority, entry.sequence))
            }
            #expect(ready.count == model.count)
        }
    }
}
