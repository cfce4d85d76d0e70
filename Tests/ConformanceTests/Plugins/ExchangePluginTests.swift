import AMQPProtocol
import Broker
import BrokerServer
import ConsistentHashExchange
import DelayedMessageExchange
import Foundation
import RandomExchange
import Testing

/// Exchange types of plugins, as clients see them.
@Suite(.ownServer, .timeLimit(.minutes(2))) struct ExchangePluginTests {
    private static let plugins: [any ServerPlugin] = [
        ConsistentHashExchangePlugin(), DelayedMessageExchangePlugin(), RandomExchangePlugin(),
    ]

    private static func withChannel(_ body: (WireChannel) async throws -> Void) async throws {
        try await BrokerUnderTest.withServer(plugins: plugins) { broker in
            let client = try await WireClient.open(broker)
            try await body(try await client.openChannel())
            try await client.close()
        }
    }

    @Test("a type that no plugin brings is 503, and ends the connection")
    func unknownType() async throws {
        try await BrokerUnderTest.withServer(plugins: Self.plugins) { broker in
            let client = try await WireClient.open(broker)
            let channel = try await client.openChannel()
            try await channel.send(ExchangeDeclare(exchange: "x", type: "x-unheard-of"))
            try await client.expectClose(
                .commandInvalid, "COMMAND_INVALID - unknown exchange type 'x-unheard-of'",
                cause: ExchangeDeclare.id)
        }
    }

    @Test("x-consistent-hash: each message to one queue, the same key to the same queue")
    func consistentHash() async throws {
        try await Self.withChannel { channel in
            let exchange = try await channel.declareExchange("x-consistent-hash")
            var queues: [String] = []
            for _ in 0..<3 {
                let queue = try await channel.declareQueue()
                try await channel.bind(queue, to: exchange, "10")
                queues.append(queue)
            }
            let keys = (0..<90).map { "key-\($0 % 30)" }
            try await channel.publishConfirmed(
                ["CC counts once"], to: exchange, key: "key-0",
                BasicProperties(headers: ["CC": .array([.string("key-1"), .string("key-2"), .string("key-3")])]))
            for key in keys { try await channel.publish(key, to: exchange, key: key) }
            try await channel.awaitConfirms(from: 2, through: UInt64(keys.count + 1))
            var places: [String: Set<String>] = [:]
            var count = 0
            for queue in queues {
                while let message = try await channel.get(queue) {
                    places[message.text, default: []].insert(queue)
                    count += 1
                }
            }
            #expect(count == keys.count + 1)
            #expect(places.values.allSatisfy { $0.count == 1 })
            #expect(Set(places.values.flatMap { $0 }).count == 3)
        }
    }

    @Test("x-consistent-hash: what can't be is refused with 406")
    func consistentHashRefusals() async throws {
        try await Self.withChannel { channel in
            let queue = try await channel.declareQueue()
            let exchange = try await channel.declareExchange("x-consistent-hash")
            try await channel.expectRefusal(
                QueueBind(queue: queue, exchange: exchange, routingKey: "much"), .preconditionFailed,
                "PRECONDITION_FAILED - The binding key must be an integer: <<\"much\">>")
            try await channel.expectRefusal(
                QueueBind(queue: queue, exchange: exchange, routingKey: "10001"), .preconditionFailed,
                "PRECONDITION_FAILED - The binding key must not exceed 10000")
            let both: FieldTable = ["hash-header": .string("h"), "hash-property": .string("message_id")]
            try await channel.expectRefusal(
                ExchangeDeclare(exchange: unique("x"), type: "x-consistent-hash", arguments: both),
                .preconditionFailed, "PRECONDITION_FAILED - hash-header and hash-property are mutually exclusive")
        }
    }

    @Test("x-random: each message to one of the queues")
    func random() async throws {
        try await Self.withChannel { channel in
            let exchange = try await channel.declareExchange("x-random")
            let queues = [try await channel.declareQueue(), try await channel.declareQueue()]
            for queue in queues { try await channel.bind(queue, to: exchange, "whatever") }
            try await channel.publishConfirmed((0..<100).map { "\($0)" }, to: exchange, key: "")
            let counts = [try await channel.messageCount(queues[0]), try await channel.messageCount(queues[1])]
            #expect(counts[0] + counts[1] == 100)
            #expect(counts[0] > 10 && counts[1] > 10, "\(counts)")
        }
    }

    @Test("x-delayed-message routes as the type does that it names", arguments: ["topic", "x-consistent-hash"])
    func delayed(type: String) async throws {
        try await Self.withChannel { channel in
            let exchange = try await channel.declareExchange(
                "x-delayed-message", arguments: ["x-delayed-type": .string(type)])
            let queue = try await channel.declareQueue()
            try await channel.bind(queue, to: exchange, type == "topic" ? "a.*" : "10")
            try await channel.publishConfirmed(["1"], to: exchange, key: "a.b")
            #expect(try await channel.getMessage(queue).text == "1")
        }
    }

    @Test(
        "x-delayed-message needs a type that there is",
        arguments: [
            [:], ["x-delayed-type": .string("x-delayed-message")], ["x-delayed-type": .string("nothing")],
            ["x-delayed-type": .int32(1)],
        ] as [FieldTable])
    func delayedRefusals(arguments: FieldTable) async throws {
        try await Self.withChannel { channel in
            try await channel.expectRefusal(
                ExchangeDeclare(exchange: unique("x"), type: "x-delayed-message", arguments: arguments),
                .preconditionFailed,
                """
                PRECONDITION_FAILED - Invalid argument, 'x-delayed-type' must be an existing exchange type: direct, \
                fanout, headers, topic, x-consistent-hash, x-random
                """)
        }
    }

    @Test("durable exchanges of plugins' types are there after a restart, with their bindings")
    func restart() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "harrier-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let keys = (0..<40).map { "key-\($0)" }
        var places: [[UInt32]] = []
        for run in 0..<2 {
            try await BrokerUnderTest.withServer(plugins: Self.plugins, { $0.broker.dataDirectory = folder.path }) {
                let client = try await WireClient.open($0)
                let channel = try await client.openChannel()
                let names = ["b", "a", "c", "d"]
                if run == 0 {
                    _ = try await channel.declareExchange("x-consistent-hash", "hashed", durable: true)
                    for name in names {
                        _ = try await channel.declareQueue(name, durable: true, exclusive: false)
                        try await channel.bind(name, to: "hashed", "3")
                    }
                }
                try await channel.publishConfirmed(keys, to: "hashed", key: "same")
                for key in keys { try await channel.publish(key, to: "hashed", key: key) }
                try await channel.awaitConfirms(from: UInt64(keys.count + 1), through: UInt64(2 * keys.count))
                var counts: [UInt32] = []
                for name in names {
                    counts.append(try await channel.messageCount(name))
                    try await channel.call(QueuePurge(queue: name), QueuePurgeOk.self)
                }
                places.append(counts)
            }
        }
        #expect(places[0] == places[1])
        #expect(places[0].reduce(0, +) == 80)
    }
}
