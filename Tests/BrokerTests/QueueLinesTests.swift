import Foundation
import SeededRandom
import SegmentLog
import Testing

@testable import Broker

@Suite struct QueueLinesTests {
    private struct Message {
        let priority: UInt8
        let sequence: UInt64
    }

    @Test("random appends, takes, returns and settles keep to the order by priority and sequence", arguments: 0..<16)
    func randomOperations(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let priorities: UInt8 = seed.isMultiple(of: 2) ? 0 : 4
        let directory = FileManager.default.temporaryDirectory.appending(path: "harrier-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let cache = PageCache(byteCountMax: 1 << 20, jobs: DiskJobs(placement: .insidePoll, notify: {}))
        let store = try IndexStore(directory: directory, cache: cache, disk: FileDisk(), keepsContent: false)
        let ready = QueueLines(maxPriority: priorities, store: store)
        var model: [Message] = []
        var out: [Message] = []
        for _ in 0..<2000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let priority = UInt8.random(in: 0...priorities, using: &random)
                let sequence = ready.nextSequence(priority: priority)
                ready.append(
                    IndexEntry(first: sequence, second: UInt64(priority)), priority: priority, isDurable: true)
                model.append(Message(priority: priority, sequence: sequence))
            case 5..<8:
                let expected = model.indices.min { left, right in
                    (model[right].priority, model[left].sequence) < (model[left].priority, model[right].sequence)
                }
                let place = ready.next()
                #expect(place?.sequence == expected.map { model[$0].sequence }, "seed \(seed)")
                guard let place, let expected else { continue }
                #expect(ready.entry(at: place)?.first == place.sequence)
                ready.take(place)
                out.append(model.remove(at: expected))
            default:
                guard let index = out.indices.randomElement(using: &random) else { continue }
                let message = out.remove(at: index)
                if Bool.random(using: &random) {
                    ready.putBack(message.sequence)
                    model.append(message)
                } else {
                    ready.settle(QueueLines.Place(sequence: message.sequence))
                }
            }
            #expect(ready.count == model.count)
            #expect(ready.liveCount == model.count + out.count)
        }
    }
}
