import AMQPProtocol
import Foundation
import SeededRandom
import SegmentLog
import Testing

@testable import Broker

/// What filters remember, against crashes of every kind.
@Suite struct ExtensionStateTests {
    private static func remembers(_ count: Int32) -> FieldTable { [RememberingFilter.argument: .int32(count)] }

    private static func ids(_ broker: StorageFixture, _ queue: String) throws -> [String] {
        try #require(broker.host.queue(named: queue)?.filter as? RememberingFilter).ids
    }

    private static func publish(_ id: Int, _ broker: StorageFixture, size: Int = 0) throws -> PublishOutcome {
        try broker.publish(
            "\(id)." + String(repeating: "x", count: size), to: "all", key: "", headers: ["id": .string("\(id)")])
    }

    /// An exchange that remembers 30 messages, and two queues that remember 12 and all.
    private static func declare(_ broker: StorageFixture) throws {
        try broker.host.declareExchange(
            "all", ExchangeProperties(type: "fanout", isDurable: true, arguments: remembers(30)))
        let exchange = try broker.host.existingExchange("all")
        for (name, count) in [("few", 12), ("many", 100_000)] {
            let queue = try broker.queue(name, remembers(Int32(count)))
            try broker.host.bind(exchange, to: .queue(queue), routingKey: "", arguments: [:])
        }
        broker.settle()
    }

    @Test("random work and stops of every kind: a filter knows what it knew", arguments: 0..<6)
    func randomOperations(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let broker = try StorageFixture(extensions: RememberingFilter.extensions())
        try Self.declare(broker)
        var published: [Int] = []
        for step in 0..<80 {
            for _ in 0..<Int.random(in: 1..<40, using: &random) {
                let id = published.count
                let size = Int.random(in: 0..<400, using: &random)
                #expect(try Self.publish(id, broker, size: size) == .enqueued(mustBeDurable: true))
                published.append(id)
                let earlier = published.suffix(30).randomElement(using: &random) ?? id
                #expect(try Self.publish(earlier, broker, size: size) == .filtered, "seed \(seed), \(earlier)")
            }
            if Int.random(in: 0..<4, using: &random) == 0 {
                let first = published.count
                broker.core.asOneGroup {
                    for id in first..<first + 5 { _ = try? Self.publish(id, broker, size: 300) }
                }
                published += first..<first + 5
            }
            // So that segments die in any order.
            for name in ["few", "many"] where Bool.random(using: &random) {
                _ = try #require(broker.host.queue(named: name)).purge()
            }
            if Bool.random(using: &random) { broker.settle() }
            guard Int.random(in: 0..<8, using: &random) == 0 else { continue }
            let stop = StorageFixture.Stop.allCases.randomElement(using: &random) ?? .crash
            try broker.stop(stop)
            let all = published.map { "\($0)" }
            let exchange = try #require(broker.host.exchange(named: "all")?.filter as? RememberingFilter)
            try #require(exchange.ids == all.suffix(30), "seed \(seed), step \(step), \(stop)")
            try #require(try Self.ids(broker, "few") == all.suffix(12), "seed \(seed), step \(step), \(stop)")
            try #require(try Self.ids(broker, "many") == all, "seed \(seed), step \(step), \(stop)")
            #expect(exchange.recoveredCount == 1)
        }
    }

    @Test("states go with their queue and exchange, and an heir of the name does not get them")
    func deletion() throws {
        let broker = try StorageFixture(extensions: RememberingFilter.extensions())
        try Self.declare(broker)
        let before = broker.core.journal.count
        for id in 0..<200 { _ = try Self.publish(id, broker) }
        #expect(broker.core.journal.count == before + 30 + 12 + 200)
        let many = try #require(broker.host.queue(named: "many"))
        _ = try broker.host.deleteQueue(many, ifUnused: false, ifEmpty: false)
        try broker.host.deleteExchange("all", ifUnused: false)
        // Both bindings and both objects.
        #expect(broker.core.journal.count == before - 4 + 12)
        try broker.queue("many", Self.remembers(10))
        for stop in StorageFixture.Stop.allCases {
            try broker.stop(stop)
            #expect(try Self.ids(broker, "many") == [], "\(stop)")
            #expect(try Self.ids(broker, "few").count == 12, "\(stop)")
            #expect(broker.core.journal.count == before - 4 + 1 + 12, "\(stop)")
        }
    }

    @Test("space that states took comes back")
    func space() throws {
        let broker = try StorageFixture(extensions: RememberingFilter.extensions())
        try broker.queue("few", Self.remembers(12))
        for id in 0..<4000 {
            try broker.publish("", key: "few", headers: ["id": .string("\(id)")])
            if id.isMultiple(of: 50) {
                _ = broker.host.queue(named: "few")?.purge()
                broker.settle()
            }
        }
        _ = broker.host.queue(named: "few")?.purge()
        broker.settle()
        let log = broker.core.storageStatistics.log
        #expect(log.segments <= 4, "\(log.segments) segments for \(log.liveBytes) live bytes")
        try broker.stop(.crashWithoutCheckpoint)
        #expect(try Self.ids(broker, "few") == (3988..<4000).map { "\($0)" })
    }

    /// The log up to every place where a crash may cut it off.
    @Test("wherever the log ends, a message is known if it is there, and only then")
    func cutAnywhere() throws {
        let broker = try StorageFixture(extensions: RememberingFilter.extensions()) {
            $0.checkpointIntervalBytes = 1 << 30
        }
        try broker.queue("many", Self.remembers(1000))
        // Into the second segment, so that a group's records stand in both.
        var id = 0
        while broker.core.logTail.rawValue < 18 << 10 {
            try broker.publish("\(id)", key: "many", headers: ["id": .string("\(id)")])
            id += 1
        }
        broker.core.endBurst()
        broker.core.waitForDisk()
        let image = broker.directory + "-image"
        defer { try? FileManager.default.removeItem(atPath: image) }
        let segments = try FileManager.default.contentsOfDirectory(atPath: broker.directory)
            .filter { $0.hasSuffix(".seg") }.sorted()
        try #require(segments.count >= 2, "\(segments)")
        var counts: Set<Int> = []
        for (index, offset) in [(0, 15 << 10), (1, 0)] {
            for cut in stride(from: offset, to: offset + 1500, by: 12) {
                try FileManager.default.copyItem(atPath: broker.directory, toPath: image)
                for (number, name) in segments.enumerated() where number >= index {
                    let url = URL(filePath: image).appending(path: name)
                    var bytes = try Data(contentsOf: url)
                    let begin = number == index ? min(cut, bytes.count) : 0
                    bytes.replaceSubrange(begin..., with: Data(count: bytes.count - begin))
                    try bytes.write(to: url)
                }
                try? FileManager.default.removeItem(atPath: image + "/checkpoint")
                let core = try StorageFixture.open(image, ManualClock(), RememberingFilter.extensions())
                let queue = try #require(core.virtualHosts["/"]?.queue(named: "many"))
                let filter = try #require(queue.filter as? RememberingFilter)
                #expect(filter.seen.count == queue.readyCount, "segment \(index) cut at \(cut)")
                #expect(filter.ids == (0..<queue.readyCount).map { "\($0)" }, "segment \(index) cut at \(cut)")
                counts.insert(queue.readyCount)
                core.close()
                try FileManager.default.removeItem(atPath: image)
            }
        }
        #expect(counts.count > 8, "\(counts)")
    }
}
