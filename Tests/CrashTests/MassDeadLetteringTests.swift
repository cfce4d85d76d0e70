import AMQPProtocol
import Foundation
import SeededRandom
import TestServers
import Testing

/// Very many messages on their way to a dead-letter exchange when the broker is killed: each is in exactly one place afterwards.
@Suite(.serialized) struct MassDeadLetteringTests {
    /// What has them dead-lettered.
    enum Cause: String, CaseIterable {
        /// One basic.nack for each five hundred.
        case rejected
        /// They expire, in their order.
        case expired
    }

    /// `HARRIER_DEAD_LETTERS` and `HARRIER_DEAD_LETTER_ROUNDS` set how many and how often: 100,000 and 20 take minutes.
    private static let letterCount = setting("HARRIER_DEAD_LETTERS") ?? 20_000
    private static let rounds = setting("HARRIER_DEAD_LETTER_ROUNDS") ?? 2

    private static func setting(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    @Test("killed while messages are dead-lettered in masses, each is in exactly one place", arguments: Cause.allCases)
    func killed(cause: Cause) async throws {
        let seed = UInt64.random(in: 0..<1 << 32)
        var random = SeededGenerator(seed: seed)
        let directory = try TemporaryDirectory()
        for round in 1...Self.rounds {
            let words = "seed \(seed), round \(round)"
            var broker = try await BrokerProcess.start(in: directory)
            // From the first to the last: so many are on their way by the time of the kill.
            let letters = random.next(upTo: Self.letterCount)
            try await Blocking.run { [broker] in
                let client = try Self.fill(port: broker.amqpPort, round: UInt64(round), cause)
                switch cause {
                case .rejected: try Self.reject(letters, client)
                case .expired: try Self.awaitDeadLetters(letters, port: broker.amqpPort)
                }
                Foundation.kill(broker.processID, SIGKILL)
            }
            await broker.end()
            broker = try await .start(in: directory)
            let found = try await Blocking.run { [port = broker.amqpPort] in try Self.inspect(port: port, cause) }
            let dead = found.messages["mass.dead"] ?? []
            let left = found.messages["mass"] ?? []
            print(
                "mass dead-lettering \(round) of \(Self.rounds), \(cause), \(words): \(dead.count) dead, \(left.count) left"
            )
            #expect(found.damagedCount == 0, "\(words)")
            let all = (dead + left).map(TestMessage.number).sorted()
            #expect(all == (0..<UInt64(Self.letterCount)).map { $0 }, "\(words): \(dead.count) and \(left.count)")
            if cause == .expired { #expect(left.isEmpty, "\(words)") }
            await broker.end()
        }
    }

    /// - Returns: who has been given all that is to be rejected, on channel 2.
    private static func fill(port: Int, round: UInt64, _ cause: Cause) throws -> WireClient {
        let client = try WireClient(port: port)
        try client.openChannel(1)
        try client.openChannel(2)
        var arguments: FieldTable = [
            "x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("mass.dead"),
        ]
        if cause == .expired { arguments["x-message-ttl"] = .int32(Int32(letterCount / 25)) }
        _ = try client.request(QueueDeclare(queue: "mass.dead", durable: true))
        _ = try client.request(QueueDeclare(queue: "mass", durable: true, arguments: arguments))
        try client.selectConfirms(channel: 1)
        var confirmed: UInt64 = 0
        for number in 0..<letterCount {
            let id = TestMessage.id(sender: round, number: UInt64(number))
            client.publish(TestMessage.body(id: id, byteCount: 100), to: "", key: "mass", channel: 1)
            if number % 1000 == 999 { try awaitConfirms(through: UInt64(number) + 1, client, &confirmed) }
        }
        try awaitConfirms(through: UInt64(letterCount), client, &confirmed)
        guard cause == .rejected else { return client }
        client.send(BasicConsume(queue: "mass"), channel: 2)
        var last: UInt64 = 0
        while last < UInt64(letterCount) {
            if case .delivery(let delivery) = try client.next() { last = delivery.deliveryTag }
        }
        return client
    }

    /// Rejects five hundred at a time, each time with a reply to wait for, so that the broker does it in as many turns.
    /// The last of them may be under way when this returns.
    private static func reject(_ count: Int, _ client: WireClient) throws {
        for tag in stride(from: 500, through: count, by: 500) {
            client.send(BasicNack(deliveryTag: UInt64(tag), multiple: true, requeue: false), channel: 2)
            _ = try client.request(QueueDeclare(queue: "mass.dead", passive: true), channel: 2)
        }
        client.send(BasicNack(deliveryTag: 0, multiple: true, requeue: false), channel: 2)
        try client.flush()
    }

    private static func awaitDeadLetters(_ count: Int, port: Int) throws {
        let client = try WireClient(port: port)
        try client.openChannel()
        client.send(BasicConsume(queue: "mass.dead"))
        try client.flush()
        var left = count
        while left > 0 {
            if case .delivery = try client.next() { left -= 1 }
        }
    }

    private static func awaitConfirms(through last: UInt64, _ client: WireClient, _ confirmed: inout UInt64) throws {
        while confirmed < last {
            if case .method(.basicAck(let ack), _) = try client.next() { confirmed = max(confirmed, ack.deliveryTag) }
        }
    }

    /// What is where, once nothing moves any more; both queues are empty then.
    private static func inspect(port: Int, _ cause: Cause) throws -> QueueInspection.Result {
        if cause == .expired {
            // A message for each look: what has to expire has done so when a later one has.
            let client = try WireClient(port: port)
            try client.openChannel()
            while true {
                guard
                    case .queueDeclareOk(let declared) = try client.request(
                        QueueDeclare(queue: "mass", passive: true))
                else { continue }
                if declared.messageCount == 0 { break }
            }
            try client.close()
        }
        return try QueueInspection.run(port: port, queues: ["mass", "mass.dead"]) { _, _ in true }
    }
}
