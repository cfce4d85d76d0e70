import AMQPProtocol
import CommandRuns
import Foundation
import TestServers
import Testing

/// A scheduled message that was cancelled is gone, whatever happens to the process once the answer was given.
@Suite struct ScheduledCancelTests {
    private static let count = 12

    @Test("what was cancelled stays gone after a kill, and what was not comes back")
    func killedAfterTheAnswer() async throws {
        let directory = try TemporaryDirectory()
        var broker = try await BrokerProcess.start(in: directory)
        let port = broker.amqpPort
        try await Blocking.run { try Self.schedule(port: port) }
        var left = Set((0..<Self.count).map { "\($0)" })
        for id in (0..<Self.count).filter({ $0 % 3 == 1 }).map({ "\($0)" }) {
            let run = try await CommandRun.run(["scheduled", "cancel", id, "--url", Self.url(broker)])
            kill(broker.processID, SIGKILL)
            await broker.end()
            #expect(run.exitCode == 0, "\(run.errorOutput)")
            left.remove(id)
            broker = try await BrokerProcess.start(in: directory)
            #expect(try await Self.listed(broker) == left)
            let again = try await CommandRun.run(["scheduled", "cancel", id, "--url", Self.url(broker)])
            #expect(again.exitCode == 1)
        }
        await broker.end()
    }

    private static func url(_ broker: BrokerProcess) -> String { "http://guest:guest@127.0.0.1:\(broker.httpPort)" }

    private static func schedule(port: Int) throws {
        let client = try WireClient(port: port)
        try client.openChannel()
        try client.selectConfirms()
        _ = try client.request(QueueDeclare(queue: "q", durable: true))
        for number in 0..<count {
            let body = TestMessage.body(id: TestMessage.id(sender: 1, number: UInt64(number)), byteCount: 100)
            client.publish(body, to: "", key: "q", headers: ["x-delay": .int64(3_600_000)])
        }
        var confirmed: UInt64 = 0
        while confirmed < count {
            if case .method(.basicAck(let ack), _) = try client.next() { confirmed = ack.deliveryTag }
        }
        try client.close()
    }

    private static func listed(_ broker: BrokerProcess) async throws -> Set<String> {
        let run = try await CommandRun.run(["scheduled", "list", "--url", url(broker), "--output", "ndjson"])
        #expect(run.exitCode == 0)
        return Set(
            run.lines.compactMap { line in
                let fields = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return fields?["id"] as? String
            })
    }
}
