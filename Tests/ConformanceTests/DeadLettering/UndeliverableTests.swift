import AMQPProtocol
import Foundation
import Testing

extension Conformance.DeadLettering {
    /// Dead letters that no queue takes are kept where they died, and go on as soon as one does.
    @Suite struct Undeliverable {
        private static let dropped: Comment = "RabbitMQ drops dead letters that no queue takes"
        private static let atMostOnceArgument: Comment = "RabbitMQ 3.10 has the argument for quorum queues only"

        /// Why messages of the queue die.
        enum Reason: String, CaseIterable {
            case rejected, expired, maxlen
            case deliveryLimit = "delivery_limit"

            var kind: QueueKind { self == .deliveryLimit ? .quorum : .classic }

            var arguments: FieldTable {
                switch self {
                case .rejected: [:]
                case .expired: ["x-message-ttl": .int32(20)]
                case .maxlen: ["x-max-length": .int32(0)]
                case .deliveryLimit: ["x-delivery-limit": .int32(0)]
                }
            }
        }

        /// Publishes messages to a queue of that kind, and has them die.
        private func die(
            _ texts: [String], of reason: Reason, _ channel: WireChannel, _ queue: String,
            _ properties: BasicProperties = BasicProperties()
        ) async throws {
            for text in texts {
                try await channel.publish(text, key: queue, properties)
                guard reason == .rejected || reason == .deliveryLimit else { continue }
                let delivery = try await channel.take(queue)
                #expect(delivery.text == text)
                try await channel.send(
                    BasicReject(deliveryTag: delivery.method.deliveryTag, requeue: reason == .deliveryLimit))
            }
        }

        /// None of its messages is ready.
        private func expectNoneReady(
            _ channel: WireChannel, _ queue: String, at location: SourceLocation = #_sourceLocation
        ) async throws {
            // Those that expire may still be waiting for it.
            while try await channel.messageCount(queue, at: location) > 0 {}
            #expect(try await channel.get(queue, at: location) == nil, sourceLocation: location)
        }

        /// The messages come to the sink once each, with one death, and the queue has none of them any more.
        private func expectArrival(
            of texts: [String], at sink: DeadLetterSink, from queue: String, _ reason: Reason = .rejected,
            at location: SourceLocation = #_sourceLocation
        ) async throws {
            let start = ContinuousClock.now
            var arrived: [String] = []
            for _ in texts {
                let letter = try await sink.next(at: location)
                arrived.append(letter.text)
                let deaths = try letter.deaths
                #expect(deaths.map { $0["count"] } == [.int64(1)], sourceLocation: location)
                #expect(deaths.map { $0["reason"] } == [.string(reason.rawValue)], sourceLocation: location)
                #expect(deaths.map { $0["queue"] } == [.string(queue)], sourceLocation: location)
            }
            #expect(arrived.sorted() == texts.sorted(), sourceLocation: location)
            // Two seconds are the rule; a busy machine may have its own.
            #expect(.now - start < .seconds(6), "not when it could, but later", sourceLocation: location)
            try await sink.expectNothing(at: location)
        }

        // MARK: Kept

        @Test(
            "without a dead-letter exchange there: not ready, and dead-lettered once when there is one",
            .harrierOnly(dropped), arguments: Reason.allCases)
        func missingExchange(reason: Reason) async throws {
            let channel = try await WireClient.open().openChannel()
            let exchange = unique("exchange")
            let work = try await channel.declareQueue(
                reason.kind, arguments: reason.arguments.adding(["x-dead-letter-exchange": .string(exchange)]))
            try await die(["1", "2", "3"], of: reason, channel, work)
            try await expectNoneReady(channel, work)
            _ = try await channel.declareExchange("fanout", exchange)
            let sink = try await DeadLetterSink.open(at: exchange)
            try await expectArrival(of: ["1", "2", "3"], at: sink, from: work, reason)
            try await expectNoneReady(channel, work)
            try await channel.delete(work)
        }

        @Test(
            "without a queue at the dead-letter exchange: dead-lettered once when one is bound",
            .harrierOnly(dropped), arguments: Reason.allCases)
        func noBinding(reason: Reason) async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open("direct", keys: ["another"])
            let key: FieldTable = ["x-dead-letter-routing-key": .string("key")]
            let work = try await channel.declareQueue(
                reason.kind, arguments: sink.arguments(reason.arguments.adding(key)))
            try await die(["1", "2", "3"], of: reason, channel, work)
            try await expectNoneReady(channel, work)
            try await sink.expectNothing()
            try await sink.bind("key")
            try await expectArrival(of: ["1", "2", "3"], at: sink, from: work, reason)
            try await channel.delete(work)
        }

        @Test("an exchange that is declared is enough if its alternate exchange routes", .harrierOnly(dropped))
        func alternateExchange() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let exchange = unique("exchange")
            let work = try await channel.declareQueue(arguments: ["x-dead-letter-exchange": .string(exchange)])
            try await die(["m"], of: .rejected, channel, work)
            try await expectNoneReady(channel, work)
            _ = try await channel.declareExchange(
                "direct", exchange, arguments: ["alternate-exchange": .string(sink.exchange)])
            try await expectArrival(of: ["m"], at: sink, from: work)
        }

        @Test("a binding between exchanges is enough", .harrierOnly(dropped))
        func exchangeBinding() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let exchange = try await channel.declareExchange("fanout")
            let work = try await channel.declareQueue(arguments: ["x-dead-letter-exchange": .string(exchange)])
            try await die(["m"], of: .rejected, channel, work)
            try await expectNoneReady(channel, work)
            try await channel.call(
                ExchangeBind(destination: sink.exchange, source: exchange), ExchangeBindOk.self)
            try await expectArrival(of: ["m"], at: sink, from: work)
        }

        @Test("a queue that is declared is enough for the default exchange", .harrierOnly(dropped))
        func queueDeclared() async throws {
            let channel = try await WireClient.open().openChannel()
            let dead = unique("queue")
            let work = try await channel.declareQueue(
                arguments: ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string(dead)])
            try await die(["m"], of: .rejected, channel, work)
            try await expectNoneReady(channel, work)
            _ = try await channel.declareQueue(dead)
            #expect(try await channel.take(dead).text == "m")
            // Behind it is nothing: what is sent now is next.
            try await channel.publish("marker", key: dead)
            #expect(try await channel.take(dead).text == "marker")
        }

        @Test("a target that is full and refuses: dead-lettered one by one as there is room", .harrierOnly(dropped))
        func fullTarget() async throws {
            let channel = try await WireClient.open().openChannel()
            let dead = try await channel.declareQueue(
                arguments: ["x-max-length": .int32(1), "x-overflow": .string("reject-publish")])
            let work = try await channel.declareQueue(
                arguments: ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string(dead)])
            try await channel.publish("before", key: dead)
            #expect(try await channel.messageCount(dead) == 1)
            try await die(["1", "2", "3"], of: .rejected, channel, work)
            try await expectNoneReady(channel, work)
            var taken: [String] = []
            for _ in 1...4 {
                #expect(try await channel.messageCount(dead) <= 1)
                let delivery = try await channel.take(dead)
                taken.append(delivery.text)
                #expect(try delivery.deaths.allSatisfy { $0["count"] == .int64(1) })
                try await channel.send(BasicAck(deliveryTag: delivery.method.deliveryTag))
            }
            #expect(taken.first == "before" && taken.sorted() == ["1", "2", "3", "before"])
            try await channel.publish("marker", key: dead)
            #expect(try await channel.take(dead).text == "marker")
        }

        @Test("what is published later is dead-lettered as always, whatever is kept", .harrierOnly(dropped))
        func others() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open("direct", keys: ["routable"])
            let work = try await channel.declareQueue(arguments: sink.arguments())
            try await channel.bind(work, to: "amq.direct", "routable-\(work)")
            try await die(["kept"], of: .rejected, channel, work)
            try await sink.bind("routable-\(work)")
            try await channel.publish("m", to: "amq.direct", key: "routable-\(work)")
            try await channel.rejectNext(of: work)
            #expect(try await sink.next().text == "m")
            try await sink.expectNothing()
            try await sink.bind(work)
            try await expectArrival(of: ["kept"], at: sink, from: work)
        }

        @Test("kept dead letters are there after a restart, and dead-lettered once", .ownServer)
        func restart() async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "harrier-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            let (work, exchange) = (unique("queue"), unique("exchange"))
            func withBroker(_ body: (WireChannel) async throws -> Void) async throws {
                try await BrokerUnderTest.withFolder(folder.path) { _ in
                    try await body(try await WireClient.open().openChannel())
                }
            }
            try await withBroker { channel in
                _ = try await channel.declareQueue(
                    work, durable: true, exclusive: false,
                    arguments: ["x-dead-letter-exchange": .string(exchange)])
                try await die(["1", "2"], of: .rejected, channel, work, BasicProperties(deliveryMode: 2))
                try await expectNoneReady(channel, work)
            }
            try await withBroker { channel in
                try await expectNoneReady(channel, work)
                _ = try await channel.declareExchange("fanout", exchange, durable: true)
                let sink = try await DeadLetterSink.open(at: exchange)
                try await expectArrival(of: ["1", "2"], at: sink, from: work)
            }
            try await withBroker { channel in
                let sink = try await DeadLetterSink.open(at: exchange)
                try await expectNoneReady(channel, work)
                try await sink.expectNothing()
            }
        }

        // MARK: Dropped

        @Test(
            "x-dead-letter-strategy at-most-once: dropped, as RabbitMQ does", .harrierOnly(atMostOnceArgument),
            arguments: Reason.allCases)
        func atMostOnce(reason: Reason) async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open("direct", keys: ["another"])
            let strategy: FieldTable = [
                "x-dead-letter-strategy": .string("at-most-once"), "x-dead-letter-routing-key": .string("key"),
            ]
            let work = try await channel.declareQueue(
                reason.kind, arguments: sink.arguments(reason.arguments.adding(strategy)))
            try await die(["m"], of: reason, channel, work)
            try await expectNoneReady(channel, work)
            try await sink.bind("key")
            try await die(["routable"], of: reason, channel, work)
            #expect(try await sink.next().text == "routable")
            try await sink.expectNothing()
            try await channel.delete(work)
        }

        @Test(
            "x-dead-letter-strategy at-most-once: dropped by a target that is full",
            .harrierOnly(atMostOnceArgument))
        func atMostOnceFull() async throws {
            let channel = try await WireClient.open().openChannel()
            let dead = try await channel.declareQueue(
                arguments: ["x-max-length": .int32(1), "x-overflow": .string("reject-publish")])
            let work = try await channel.declareQueue(
                arguments: [
                    "x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string(dead),
                    "x-dead-letter-strategy": .string("at-most-once"),
                ])
            try await channel.publish("before", key: dead)
            #expect(try await channel.messageCount(dead) == 1)
            try await die(["m"], of: .rejected, channel, work)
            try await expectNoneReady(channel, work)
            #expect(try await channel.getMessage(dead).text == "before")
            try await channel.publish("marker", key: dead)
            #expect(try await channel.take(dead).text == "marker")
        }

        @Test("queue.purge drops kept dead letters too", .harrierOnly(dropped))
        func purge() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open("direct", keys: [])
            let work = try await channel.declareQueue(arguments: sink.arguments())
            try await die(["1", "2"], of: .rejected, channel, work)
            try await expectNoneReady(channel, work)
            try await channel.call(QueuePurge(queue: work), QueuePurgeOk.self)
            try await sink.bind(work)
            try await die(["after"], of: .rejected, channel, work)
            try await expectArrival(of: ["after"], at: sink, from: work)
        }

        @Test("kept dead letters go with their queue", .harrierOnly(dropped))
        func delete() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open("direct", keys: [])
            let work = try await channel.declareQueue(arguments: sink.arguments())
            try await die(["1", "2"], of: .rejected, channel, work)
            try await expectNoneReady(channel, work)
            try await channel.delete(work)
            try await sink.bind(work)
            _ = try await channel.declareQueue(work, arguments: sink.arguments())
            try await die(["after"], of: .rejected, channel, work)
            try await expectArrival(of: ["after"], at: sink, from: work)
        }
    }
}
