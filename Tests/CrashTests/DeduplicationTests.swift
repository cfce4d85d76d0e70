import AMQPProtocol
import Foundation
import SeededRandom
import TestServers
import Testing

/// A publisher that sends again whatever was not confirmed, through kills of the broker: every message is there once.
@Suite struct DeduplicationTests {
    private static let queues = ["by-exchange", "by-queue"]

    @Test("what is sent again after a kill is there exactly once")
    func exactlyOnce() async throws {
        let seed = UInt64.random(in: 0..<1 << 32)
        var random = SeededGenerator(seed: seed)
        let directory = try TemporaryDirectory()
        var sent: UInt64 = 0
        for round in 0..<5 {
            // Small segments, so that groups go on into the next one, and segments go.
            let broker = try await BrokerProcess.start(in: directory, options: ["--segment-size", "1MiB"])
            let first = sent
            if round == 0 { try await Blocking.run { try Self.declare(port: broker.amqpPort) } }
            let confirms = UInt64(500 + random.next(upTo: 4_000))
            // The last few hundred again, then new ones, until the broker is killed.
            let reached = await Blocking.run {
                Self.publish(from: first > 300 ? first - 300 : 0, to: broker, killedAfter: confirms)
            }
            await broker.end()
            // Everything up to there may be there; what was confirmed has to be.
            sent = max(sent, reached.sent)
            try await Self.check(directory, confirmed: reached.confirmed, "seed \(seed), round \(round)")
        }
        #expect(sent > 1000, "seed \(seed): too little to tell")
    }

    private static func declare(port: Int) throws {
        let client = try WireClient(port: port)
        try client.openChannel()
        _ = try client.request(
            ExchangeDeclare(
                exchange: "once", type: "x-message-deduplication", durable: true,
                arguments: ["x-cache-size": .int32(10_000)]))
        _ = try client.request(QueueDeclare(queue: "by-exchange", durable: true))
        _ = try client.request(QueueBind(queue: "by-exchange", exchange: "once"))
        _ = try client.request(
            QueueDeclare(
                queue: "by-queue", durable: true,
                arguments: ["x-message-deduplication": .boolean(true)]))
        try client.close()
    }

    /// Publishes each number to both, a window ahead of the confirms, until the connection breaks: the broker is killed
    /// when it has confirmed so many.
    ///
    /// - Returns: how many numbers were begun, and how many were confirmed in both places.
    private static func publish(
        from first: UInt64, to broker: BrokerProcess, killedAfter confirms: UInt64
    ) -> (sent: UInt64, confirmed: UInt64) {
        var next = first
        var confirmedTag: UInt64 = 0
        do {
            let client = try WireClient(port: broker.amqpPort)
            try client.openChannel()
            try client.selectConfirms()
            while true {
                for _ in 0..<20 {
                    let body = TestMessage.body(id: TestMessage.id(sender: 1, number: next), byteCount: 200)
                    let headers: FieldTable = ["x-deduplication-header": .int64(Int64(next))]
                    for (exchange, key) in [("once", ""), ("", "by-queue")] {
                        client.publish(body, to: exchange, key: key, headers: headers)
                    }
                    next += 1
                }
                while (next - first) * 2 - confirmedTag > 200 {
                    guard case .method(.basicAck(let ack), _) = try client.next() else { break }
                    confirmedTag = ack.deliveryTag
                    if confirmedTag >= confirms { kill(broker.processID, SIGKILL) }
                }
            }
        } catch {
            return (next, first + confirmedTag / 2)
        }
    }

    private static func check(_ directory: TemporaryDirectory, confirmed: UInt64, _ words: String) async throws {
        let broker = try await BrokerProcess.start(in: directory, options: ["--segment-size", "1MiB"])
        let port = broker.amqpPort
        let inspection = try await Blocking.run {
            try QueueInspection.run(port: port, queues: queues) { _, _ in false }
        }
        for queue in queues {
            let found = inspection.messages[queue] ?? []
            #expect(Set(found).count == found.count, "\(queue) has some twice: \(words)")
            let there = Set(found)
            let missing = (0..<confirmed).filter { !there.contains(TestMessage.id(sender: 1, number: $0)) }
            #expect(missing.isEmpty, "\(queue) lacks \(missing.count) that were confirmed: \(words)")
        }
        await broker.end()
    }
}
