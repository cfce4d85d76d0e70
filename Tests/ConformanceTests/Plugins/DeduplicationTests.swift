import AMQPProtocol
import Broker
import BrokerServer
import DelayedMessageExchange
import Foundation
import MessageDeduplication
import Testing

/// `x-message-deduplication`, as clients see it.
@Suite(.ownServer, .timeLimit(.minutes(2))) struct DeduplicationTests {
    private static let plugins: [any ServerPlugin] = [MessageDeduplicationPlugin(), DelayedMessageExchangePlugin()]

    private static func withChannel(
        _ configure: (inout ServerConfiguration) throws -> Void = { _ in },
        _ body: (WireChannel) async throws -> Void
    ) async throws {
        try await BrokerUnderTest.withServer(plugins: plugins, configure) { broker in
            let client = try await WireClient.open(broker)
            let channel = try await client.openChannel()
            try await channel.call(ConfirmSelect(), ConfirmSelectOk.self)
            try await body(channel)
            try await client.close()
        }
    }

    private static func properties(_ id: String, _ more: FieldTable = [:]) -> BasicProperties {
        var headers = more
        headers["x-deduplication-header"] = .string(id)
        return BasicProperties(headers: headers, deliveryMode: 2)
    }

    /// Publishes one for each id, and waits for an ack of each: a nack would be something else than the test expects.
    private static func publish(
        _ ids: [String], _ channel: WireChannel, to exchange: String = "", key: String = "", from first: UInt64 = 1,
        _ more: FieldTable = [:], mandatory: Bool = false
    ) async throws {
        for id in ids {
            try await channel.publish(id, to: exchange, key: key, properties(id, more), mandatory: mandatory)
        }
        try await channel.awaitConfirms(from: first, through: first + UInt64(ids.count) - 1)
    }

    @Test(
        "an exchange of the type, or with the argument, takes each once; duplicates are acked and not returned",
        arguments: [
            ("x-message-deduplication", ["x-cache-size": .int32(100)]),
            ("fanout", ["x-message-deduplication": .boolean(true)]),
            (
                "x-delayed-message",
                ["x-delayed-type": .string("x-message-deduplication"), "x-cache-size": .string("10")]
            ),
        ] as [(String, FieldTable)])
    func exchange(type: String, arguments: FieldTable) async throws {
        try await Self.withChannel { channel in
            let exchange = try await channel.declareExchange(type, arguments: arguments)
            let queue = try await channel.declareQueue()
            try await channel.bind(queue, to: exchange)
            try await Self.publish(["1", "2", "1", "2", "3"], channel, to: exchange, mandatory: true)
            #expect(try await channel.messageCount(queue) == 3)
            // Also when the first is long gone.
            for id in ["1", "2", "3"] { #expect(try await channel.getMessage(queue).text == id) }
            try await Self.publish(["1", "4"], channel, to: exchange, from: 6)
            #expect(try await channel.getMessage(queue).text == "4")
            try await channel.publish("no header", to: exchange, key: "")
            try await channel.publish("no header", to: exchange, key: "")
            try await channel.awaitConfirms(from: 8, through: 9)
            #expect(try await channel.messageCount(queue) == 2)
        }
    }

    @Test("the window has a size: the oldest is forgotten first")
    func windowSize() async throws {
        try await Self.withChannel { channel in
            let exchange = try await channel.declareExchange(
                "x-message-deduplication", arguments: ["x-cache-size": .int32(2)])
            let queue = try await channel.declareQueue()
            try await channel.bind(queue, to: exchange)
            try await Self.publish(["1", "2", "3", "2", "1"], channel, to: exchange)
            #expect(try await channel.messageCount(queue) == 4)
        }
    }

    @Test("entries have a time to live, and a message may name its own")
    func timeToLive() async throws {
        try await Self.withChannel { channel in
            let exchange = try await channel.declareExchange(
                "direct", arguments: ["x-message-deduplication": .boolean(true), "x-cache-ttl": .int32(600_000)])
            let queue = try await channel.declareQueue()
            try await channel.bind(queue, to: exchange, "k")
            try await Self.publish(["short"], channel, to: exchange, key: "k", ["x-cache-ttl": .int32(1)])
            try await Self.publish(["long"], channel, to: exchange, key: "k", from: 2)
            // A message that takes its time tells that it has passed.
            let clock = try await channel.declareQueue()
            try await Self.publish(["tick"], channel, key: clock, from: 3, ["x-delay": .int32(30)])
            try await channel.consume(clock, tag: "clock", noAck: true)
            #expect(try await channel.nextDelivery().text == "tick")
            try await Self.publish(["short", "long"], channel, to: exchange, key: "k", from: 4)
            #expect(try await channel.messageCount(queue) == 3)
        }
    }

    @Test("another header can tell duplicates, and its values are of any type")
    func otherHeader() async throws {
        try await Self.withChannel { channel in
            let queue = try await channel.declareQueue(arguments: [
                "x-message-deduplication": .boolean(true), "x-deduplication-header": .string("order"),
            ])
            let values: [FieldValue] = [.int32(1), .int64(1), .string("1"), .boolean(true), .void, .void]
            for value in values {
                try await channel.publish("", key: queue, BasicProperties(headers: ["order": value]))
            }
            try await channel.awaitConfirms(through: UInt64(values.count))
            #expect(try await channel.messageCount(queue) == 5)
        }
    }

    @Test("a queue takes no message that is there already, ready or unacknowledged; once it has gone it may come again")
    func queueContent() async throws {
        try await Self.withChannel { channel in
            let queue = try await channel.declareQueue(arguments: ["x-message-deduplication": .boolean(true)])
            try await Self.publish(["1", "1"], channel, key: queue, mandatory: true)
            #expect(try await channel.messageCount(queue) == 1)
            let taken = try await channel.getMessage(queue, noAck: false)
            try await Self.publish(["1"], channel, key: queue, from: 3)
            #expect(try await channel.messageCount(queue) == 0)
            try await channel.send(BasicReject(deliveryTag: taken.method.deliveryTag, requeue: true))
            try await Self.publish(["1"], channel, key: queue, from: 4)
            #expect(try await channel.messageCount(queue) == 1)
            let again = try await channel.getMessage(queue, noAck: false)
            try await channel.send(BasicAck(deliveryTag: again.method.deliveryTag))
            try await Self.publish(["1", "1"], channel, key: queue, from: 5)
            #expect(try await channel.messageCount(queue) == 1)
            try await channel.call(QueuePurge(queue: queue), QueuePurgeOk.self)
            try await Self.publish(["1"], channel, key: queue, from: 7)
            #expect(try await channel.messageCount(queue) == 1)
        }
    }

    @Test("a queue with a cache size remembers what has gone, too")
    func queueWindow() async throws {
        try await Self.withChannel { channel in
            let queue = try await channel.declareQueue(arguments: [
                "x-message-deduplication": .boolean(true), "x-cache-size": .int32(10),
            ])
            try await Self.publish(["1"], channel, key: queue)
            _ = try await channel.getMessage(queue)
            try await Self.publish(["1", "2"], channel, key: queue, from: 2)
            #expect(try await channel.messageCount(queue) == 1)
        }
    }

    @Test("what a full queue refuses is nacked, and may come again")
    func refused() async throws {
        try await Self.withChannel { channel in
            let queue = try await channel.declareQueue(arguments: [
                "x-message-deduplication": .boolean(true), "x-max-length": .int32(1),
                "x-overflow": .string("reject-publish"), "x-cache-size": .int32(10),
            ])
            try await Self.publish(["1"], channel, key: queue)
            try await channel.publish("2", key: queue, Self.properties("2"))
            #expect(try await channel.next(BasicNack.self).deliveryTag == 2)
            _ = try await channel.getMessage(queue)
            try await Self.publish(["2"], channel, key: queue, from: 3)
            #expect(try await channel.getMessage(queue).text == "2")
        }
    }

    @Test("a retry by way of a dead-letter exchange comes back to its queue")
    func deadLetterRound() async throws {
        try await Self.withChannel { channel in
            let queue = unique("queue")
            let waiting = try await channel.declareQueue(arguments: [
                "x-message-ttl": .int32(1), "x-dead-letter-exchange": .string(""),
                "x-dead-letter-routing-key": .string(queue),
            ])
            _ = try await channel.declareQueue(
                queue,
                arguments: [
                    "x-message-deduplication": .boolean(true), "x-cache-size": .int32(10),
                    "x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string(waiting),
                ])
            try await Self.publish(["1"], channel, key: queue)
            let first = try await channel.getMessage(queue, noAck: false)
            try await channel.consume(queue, tag: "c", noAck: true)
            try await channel.send(BasicReject(deliveryTag: first.method.deliveryTag, requeue: false))
            #expect(try await channel.nextDelivery().text == "1")
        }
    }

    @Test("messages that are delivered later are told apart, too")
    func delayed() async throws {
        try await Self.withChannel { channel in
            let exchange = try await channel.declareExchange(
                "x-message-deduplication", arguments: ["x-cache-size": .int32(10)])
            let queue = try await channel.declareQueue(arguments: ["x-message-deduplication": .boolean(true)])
            try await channel.bind(queue, to: exchange)
            let delay: FieldTable = ["x-delay": .int32(50)]
            // The second is known to the exchange; of the others only one is in the queue at a time.
            try await Self.publish(["1", "1"], channel, to: exchange, delay)
            try await Self.publish(["2", "2"], channel, key: queue, from: 3, delay)
            try await channel.consume(queue, tag: "c")
            #expect(Set([try await channel.nextDelivery().text, try await channel.nextDelivery().text]) == ["1", "2"])
            // Were one of the others on its way, it would come before this.
            try await channel.publish("mark", key: queue, Self.properties("mark", ["x-delay": .int32(150)]))
            try await channel.awaitConfirms(from: 5, through: 5)
            #expect(try await channel.nextDelivery().text == "mark")
        }
    }

    @Test("in a transaction duplicates are told as it is committed")
    func transaction() async throws {
        try await BrokerUnderTest.withServer(plugins: Self.plugins) { broker in
            let channel = try await WireClient.open(broker).openChannel()
            let queue = try await channel.declareQueue(
                durable: true, exclusive: false, arguments: ["x-message-deduplication": .boolean(true)])
            try await channel.call(TxSelect(), TxSelectOk.self)
            for _ in 0..<2 { try await channel.publish("1", key: queue, Self.properties("1")) }
            try await channel.call(TxCommit(), TxCommitOk.self)
            #expect(try await channel.messageCount(queue) == 1)
        }
    }

    @Test("durable exchanges and queues know after a restart what they knew")
    func restart() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "harrier-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for run in 0..<2 {
            try await Self.withChannel({ $0.broker.dataDirectory = folder.path }) { channel in
                _ = try await channel.declareExchange(
                    "x-message-deduplication", "once", durable: true, arguments: ["x-cache-size": .int32(3)])
                for (name, more) in [("content", [:]), ("window", ["x-cache-size": .int32(10)])]
                    as [(String, FieldTable)]
                {
                    var arguments = more
                    arguments["x-message-deduplication"] = .boolean(true)
                    _ = try await channel.declareQueue(name, durable: true, exclusive: false, arguments: arguments)
                }
                _ = try await channel.declareQueue("all", durable: true, exclusive: false)
                try await channel.bind("all", to: "once")
                let ids = ["1", "2", "3", "4"]
                var next: UInt64 = 1
                for (exchange, key) in [("once", ""), ("", "content"), ("", "window")] {
                    try await Self.publish(ids, channel, to: exchange, key: key, from: next)
                    next += 4
                }
                if run == 0 {
                    #expect(try await channel.getMessage("content").text == "1")
                    #expect(try await channel.getMessage("window").text == "1")
                } else {
                    // The window of three knows 2, 3 and 4: 1 is new, and takes the place of 2, and so on.
                    #expect(try await channel.messageCount("all") == 8)
                    #expect(try await channel.messageCount("content") == 4)
                    #expect(try await channel.messageCount("window") == 3)
                }
            }
        }
    }

    @Test(
        "arguments that can't be are refused",
        arguments: [
            ("x-message-deduplication", [:], "missing arg 'x-cache-size'"),
            ("x-message-deduplication", ["x-cache-size": .int32(0)], "invalid arg 'x-cache-size'"),
            ("x-message-deduplication", ["x-cache-size": .int32(1_000_001)], "invalid arg 'x-cache-size'"),
            ("x-message-deduplication", ["x-cache-size": .string("many")], "invalid arg 'x-cache-size'"),
            (
                "x-message-deduplication", ["x-cache-size": .int32(1), "x-cache-ttl": .int32(-1)],
                "invalid arg 'x-cache-ttl'"
            ),
            (
                "x-message-deduplication", ["x-cache-size": .int32(1), "x-cache-persistence": .string("tape")],
                "invalid arg 'x-cache-persistence'"
            ),
            ("topic", ["x-message-deduplication": .string("yes")], "invalid arg 'x-message-deduplication'"),
            (
                "topic", ["x-message-deduplication": .boolean(true), "x-deduplication-header": .int32(1)],
                "invalid arg 'x-deduplication-header'"
            ),
        ] as [(String, FieldTable, String)])
    func refusals(type: String, arguments: FieldTable, text: String) async throws {
        try await Self.withChannel { channel in
            let name = unique("x")
            try await channel.expectRefusal(
                ExchangeDeclare(exchange: name, type: type, arguments: arguments), .preconditionFailed,
                .starting("PRECONDITION_FAILED - \(text) for exchange '\(name)' in vhost '/': expected "))
        }
    }

    @Test("a queue's arguments are looked at as well")
    func queueRefusal() async throws {
        try await Self.withChannel { channel in
            try await channel.expectRefusal(
                QueueDeclare(queue: "q", arguments: ["x-message-deduplication": .int32(1)]), .preconditionFailed,
                "PRECONDITION_FAILED - invalid arg 'x-message-deduplication' for queue 'q' in vhost '/': expected a boolean, found 1"
            )
        }
    }
}
