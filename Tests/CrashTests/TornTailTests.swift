import AMQPProtocol
import Foundation
import SeededRandom
import TestServers
import Testing

/// The end of the log after a crash of the machine: the last record is half there, or something else is behind it.
@Suite struct TornTailTests {
    private static let queues = ["input", "input.dead", "output-1", "output-2"]

    /// One folder through many crashes: what one of them leaves behind must not harm what is done after it.
    @Test("a torn tail costs what had not been confirmed before it, at most")
    func tornTails() async throws {
        let seed = UInt64.random(in: 0..<1 << 32)
        var random = SeededGenerator(seed: seed)
        let directory = try TemporaryDirectory()
        var ledger = Ledger()
        var broker = try await BrokerProcess.start(in: directory)
        var port = broker.amqpPort
        try await Blocking.run { [port] in try Self.declare(port: port) }
        let damages: [SegmentDamage] = [
            .cut(byteCount: 1), .garbage(byteCount: 40), .cut(byteCount: 2 + random.next(upTo: 38)),
            .zeroed(byteCount: 1 + random.next(upTo: 39)), .garbage(byteCount: 1 + random.next(upTo: 5_000)),
            .cut(byteCount: 40),
        ]
        for (round, damage) in damages.enumerated() {
            // Once with nothing but publishes, then with a transaction as the last that is in the log.
            for lastWords in [LastWords.publish, .transaction] {
                let words = "seed \(seed), \(damage), \(lastWords)"
                let firstNumber = UInt64(round * 1_000 + (lastWords == .publish ? 0 : 500))
                let operations = try await Blocking.run { [port] in
                    try Self.work(port: port, firstNumber: firstNumber, lastWords, isLastHit: damage.hitsLastRecord)
                }
                await broker.end()
                try damage.apply(toDataFolder: "\(directory.path)/data", random: &random)
                broker = try await .start(in: directory)
                port = broker.amqpPort
                // Where just the record that ends the transaction is gone, and gone whole, nothing is left to be seen.
                if lastWords == .publish || !damage.hitsLastRecord {
                    #expect(broker.errorText.contains("torn"), "\(words)")
                }
                let inspection = try await Blocking.run { [port] in
                    try QueueInspection.run(port: port, queues: Self.queues) { _, _ in false }
                }
                let violations = ledger.check(operations, against: inspection.messages)
                #expect(violations.isEmpty, "\(words)")
                #expect(inspection.damagedCount == 0, "\(words)")
            }
        }
    }

    @Test("a first start that was cut short is made up for by the second")
    func tornFirstStart() async throws {
        let seed = UInt64.random(in: 0..<1 << 32)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<6 {
            let directory = try TemporaryDirectory()
            var broker = try await BrokerProcess.start(in: directory)
            var port = broker.amqpPort
            // The answers tell that it is on the disk: what the broker makes at its first start, and the queues.
            try await Blocking.run { [port] in try Self.declare(port: port) }
            await broker.end()
            let damage = SegmentDamage.cut(byteCount: 1 + random.next(upTo: Self.firstRecordsByteCount))
            try damage.apply(toDataFolder: "\(directory.path)/data", random: &random)
            broker = try await .start(in: directory)
            port = broker.amqpPort
            // As the default user, who needs the virtual host and the permissions.
            let outcome = await Blocking.run { [port] in Result { try Self.declare(port: port) } }
            #expect(throws: Never.self, "seed \(seed), \(damage)") { try outcome.get() }
        }
    }

    /// About what a first start and a few queues take in the log; more than that is not there to be cut.
    private static let firstRecordsByteCount = 900

    private enum LastWords {
        case publish
        case transaction
    }

    private static func declare(port: Int) throws {
        let client = try WireClient(port: port)
        try client.openChannel()
        let arguments: FieldTable = [
            "x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("input.dead"),
        ]
        for queue in queues {
            let declare = QueueDeclare(queue: queue, durable: true, arguments: queue == "input" ? arguments : [:])
            _ = try client.request(declare)
        }
        try client.close()
    }

    /// Has a few messages confirmed and acknowledged, and then something that makes up the end of the log.
    private static func work(
        port: Int, firstNumber: UInt64, _ lastWords: LastWords, isLastHit: Bool
    ) throws -> [Operation] {
        let client = try WireClient(port: port)
        try client.openChannel(1)
        try client.selectConfirms(channel: 1)
        var operations: [Operation] = []
        func publish() throws {
            let number = firstNumber + UInt64(operations.count)
            let id = TestMessage.id(sender: 1, number: number)
            let addition = Operation.Addition(
                place: Place(queue: "input", message: id), rank: Rank(lane: "publisher", number: number))
            operations.append(Operation(lane: "publisher", number: number, adds: [addition], outcome: .certain))
            client.publish(TestMessage.body(id: id, byteCount: 100), to: "", key: "input", channel: 1)
            guard case .method(.basicAck, _) = try client.next() else { throw Unanswered() }
        }
        for _ in 0..<10 { try publish() }
        if lastWords == .transaction { operations.append(try commit(client, firstNumber)) }
        if isLastHit { operations[operations.count - 1].outcome = .inDoubt }
        return operations
    }

    private struct Unanswered: Error {}

    /// Takes two messages, acknowledges one and rejects the other, and publishes two, all in one transaction.
    private static func commit(_ client: WireClient, _ firstNumber: UInt64) throws -> Operation {
        try client.openChannel(2)
        try client.selectTransactions(channel: 2)
        var operation = Operation(lane: "transactions", number: firstNumber, outcome: .certain)
        for settlement in [true, false] {
            client.send(BasicGet(queue: "input"), channel: 2)
            guard case .delivery(let delivery) = try client.next(), let id = TestMessage.id(ofBody: delivery.body)
            else { throw Unanswered() }
            operation.removes.append(Place(queue: "input", message: id))
            if settlement {
                client.send(BasicAck(deliveryTag: delivery.deliveryTag), channel: 2)
            } else {
                client.send(BasicReject(deliveryTag: delivery.deliveryTag, requeue: false), channel: 2)
                let rank = Rank(lane: "rejects", number: firstNumber)
                operation.adds.append(.init(place: Place(queue: "input.dead", message: id), rank: rank))
            }
        }
        for queue in ["output-1", "output-2"] {
            let id = TestMessage.id(sender: 2, number: firstNumber)
            let rank = Rank(lane: "transactions", number: firstNumber)
            operation.adds.append(.init(place: Place(queue: queue, message: id), rank: rank))
            client.publish(TestMessage.body(id: id, byteCount: 100), to: "", key: queue, channel: 2)
        }
        guard case .txCommitOk = try client.request(TxCommit(), channel: 2) else { throw Unanswered() }
        return operation
    }
}
