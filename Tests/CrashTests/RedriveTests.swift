import AMQPProtocol
import CommandRuns
import Foundation
import SeededRandom
import TestSeeds
import TestServers
import Testing

/// Very many messages are being moved when the broker is killed, again and again: the task goes on, and each message is moved
/// once.
@Suite(.serialized) struct RedriveTests {
    /// `HARRIER_REDRIVEN` and `HARRIER_REDRIVE_KILLS` set how many messages there are, and how often the broker is killed.
    private static let count = setting("HARRIER_REDRIVEN") ?? 20_000
    private static let kills = setting("HARRIER_REDRIVE_KILLS") ?? 6
    /// All of them take some seconds, so that there is something to be killed in.
    private static let secondsMin = 3

    private static func setting(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    @Test("killed while messages are moved to two queues, the task goes on; each is in both, in order, or where it was")
    func killed() async throws {
        var random = SeededGenerator()
        let directory = try TemporaryDirectory()
        var broker = try await BrokerProcess.start(in: directory)
        try await Blocking.run { [port = broker.amqpPort] in try Self.fill(port: port) }
        let begun = try await CommandRun.run([
            "dlq", "move", "dead", "--to-exchange", "work", "--rate", "\(Self.count / Self.secondsMin)", "--apply",
            "--detach", "--url", Self.url(broker),
        ])
        #expect(begun.exitCode == 0, "\(begun.errorOutput)")
        let marks = (0..<Self.kills).map { _ in random.next(upTo: Self.count) }.sorted()
        for mark in marks {
            var task = try await Self.task(broker)
            while task.status == "running", task.moved < mark { task = try await Self.task(broker) }
            kill(broker.processID, SIGKILL)
            await broker.end()
            broker = try await .start(in: directory)
        }
        let last = try await CommandRun.run(["dlq", "task", "1", "wait", "--url", Self.url(broker)])
        #expect(last.exitCode == 0, "\(last.errorOutput)")
        let task = try await Self.task(broker)
        #expect(task.status == "done" && task.moved <= Self.count)
        let found = try await Blocking.run { [port = broker.amqpPort] in
            try QueueInspection.run(port: port, queues: ["dead", "left", "right"]) { _, _ in false }
        }
        let all = (0..<UInt64(Self.count)).map { TestMessage.id(sender: 1, number: $0) }
        #expect(found.damagedCount == 0 && found.messages["dead"] == [])
        #expect(found.messages["left"] == all && found.messages["right"] == all, "seed \(random.seed)")
        print("moved \(Self.count) messages through \(Self.kills) kills; the task has counted \(task.moved)")
        await broker.end()
    }

    private static func url(_ broker: BrokerProcess) -> String { "http://guest:guest@127.0.0.1:\(broker.httpPort)" }

    private static func task(_ broker: BrokerProcess) async throws -> (status: String, moved: Int) {
        let run = try await CommandRun.run(["dlq", "task", "1", "--output", "ndjson", "--url", url(broker)])
        let fields = try #require(
            try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any], "\(run.errorOutput)")
        return (fields["status"] as? String ?? "", (fields["moved"] as? NSNumber)?.intValue ?? 0)
    }

    private static func fill(port: Int) throws {
        let client = try WireClient(port: port)
        try client.openChannel()
        try client.selectConfirms()
        _ = try client.request(ExchangeDeclare(exchange: "work", type: "fanout", durable: true))
        for queue in ["dead", "left", "right"] {
            _ = try client.request(QueueDeclare(queue: queue, durable: true))
            if queue != "dead" { _ = try client.request(QueueBind(queue: queue, exchange: "work")) }
        }
        var confirmed: UInt64 = 0
        for number in 0..<count {
            let id = TestMessage.id(sender: 1, number: UInt64(number))
            client.publish(TestMessage.body(id: id, byteCount: 100), to: "", key: "dead")
            guard number % 1000 == 999 || number == count - 1 else { continue }
            while confirmed < UInt64(number) + 1 {
                if case .method(.basicAck(let ack), _) = try client.next() {
                    confirmed = max(confirmed, ack.deliveryTag)
                }
            }
        }
        try client.close()
    }
}
