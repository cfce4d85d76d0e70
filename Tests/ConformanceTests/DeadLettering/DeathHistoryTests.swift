import AMQPProtocol
import Foundation
import Testing

extension Conformance.DeadLettering {
    /// The header `x-death` and those around it.
    @Suite struct DeathHistory {
        // MARK: An entry

        @Test("an entry: count, reason, queue, time, exchange, routing-keys, in this order and of these types")
        func entry() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(arguments: sink.arguments())
            let exchange = try await channel.declareExchange("direct")
            try await channel.bind(work, to: exchange, "key")
            let copies: FieldTable = [
                "CC": .array([.string("copy"), .string("another")]), "BCC": .array([.string("blind")]),
            ]
            try await channel.publish("m", to: exchange, key: "key", BasicProperties(headers: copies))
            try await channel.rejectNext(of: work)
            let death = try await sink.next().lastDeath
            #expect(death.entries.map(\.name) == ["count", "reason", "queue", "time", "exchange", "routing-keys"])
            #expect(death["count"] == .int64(1))
            #expect(death["reason"] == .string("rejected"))
            #expect(death["queue"] == .string(work))
            #expect(death["exchange"] == .string(exchange))
            #expect(
                death["routing-keys"] == .array([.string("key"), .string("copy"), .string("another")]),
                "with CC, without BCC")
            let age = Date.now.timeIntervalSince1970 - Double(try #require(death.seconds))
            #expect(abs(age) < 60, "a time in seconds")
        }

        @Test(
            "original-expiration stands first in an entry if the message had an expiration",
            .harrierOnly("RabbitMQ 3.10 puts it last"))
        func originalExpirationFirst() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(arguments: sink.arguments())
            try await channel.publish("m", key: work, BasicProperties(expiration: "60000"))
            try await channel.rejectNext(of: work)
            #expect(
                try await sink.next().lastDeath.entries.map(\.name) == [
                    "original-expiration", "count", "reason", "queue", "time", "exchange", "routing-keys",
                ])
        }

        @Test("original-expiration is the message's own, as a text, and not the queue's TTL")
        func originalExpiration() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(arguments: sink.arguments(["x-message-ttl": .int32(20)]))
            try await channel.publish("own", key: work, BasicProperties(expiration: "60000"))
            #expect(try await sink.next().lastDeath["original-expiration"] == .string("60000"))
            try await channel.publish("none", key: work)
            #expect(try await sink.next().lastDeath["original-expiration"] == nil)
        }

        @Test("what was published to the default exchange: the empty name, and the queue's name as the key")
        func defaultExchange() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(arguments: sink.arguments())
            try await channel.publish("m", key: work)
            try await channel.rejectNext(of: work)
            let death = try await sink.next().lastDeath
            #expect(death["exchange"] == .string("") && death["routing-keys"] == .array([.string(work)]))
        }

        // MARK: Entries

        @Test("one entry for each queue and reason, the newest first; each names the keys and exchange before it")
        func newestFirst() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let second = try await channel.declareQueue(arguments: sink.arguments())
            let between = try await channel.declareExchange("fanout")
            try await channel.bind(second, to: between)
            let first = try await channel.declareQueue(
                arguments: [
                    "x-dead-letter-exchange": .string(between), "x-dead-letter-routing-key": .string("by then"),
                    "x-message-ttl": .int32(20),
                ])
            try await channel.publish("m", key: first)
            try await channel.rejectNext(of: second)
            let deaths = try await sink.next().deaths
            try #require(deaths.count == 2)
            #expect(deaths.map { $0["queue"] } == [.string(second), .string(first)])
            #expect(deaths.map { $0["reason"] } == [.string("rejected"), .string("expired")])
            #expect(deaths.map { $0["exchange"] } == [.string(between), .string("")])
            #expect(
                deaths.map { $0["routing-keys"] } == [.array([.string("by then")]), .array([.string(first)])])
            #expect(deaths.allSatisfy { $0["count"] == .int64(1) })
        }

        @Test(
            "two reasons at one queue are two entries, in order with those of other queues",
            .harrierOnly("RabbitMQ 3.10 mixes up the order of three entries"))
        func twoReasons() async throws {
            let channel = try await WireClient.open().openChannel()
            let loop = try await Loop(channel)
            try await channel.publish("m", key: loop.work, BasicProperties(expiration: "20"))
            try await channel.rejectNext(of: loop.wait)
            let deaths = try await channel.rejectNext(of: loop.work).deaths
            #expect(deaths.map { $0["queue"] } == [.string(loop.wait), .string(loop.work)])
            let more = try await channel.take(loop.wait).deaths
            #expect(more.map { $0["queue"] } == [.string(loop.work), .string(loop.wait), .string(loop.work)])
            #expect(more.map { $0["reason"] } == [.string("rejected"), .string("rejected"), .string("expired")])
            #expect(more.allSatisfy { $0["count"] == .int64(1) })
        }

        @Test("the same queue and reason again: the count goes up, and the entry to the front")
        func repeated() async throws {
            let channel = try await WireClient.open().openChannel()
            let loop = try await Loop(channel, ["x-message-ttl": .int32(20)])
            try await channel.publish("m", key: loop.work)
            for round in 1...4 as ClosedRange<Int64> {
                let letter = try await channel.rejectNext(of: loop.work)
                let deaths = try letter.deaths
                guard round > 1 else {
                    #expect(deaths.isEmpty)
                    continue
                }
                #expect(deaths.map { $0["queue"] } == [.string(loop.wait), .string(loop.work)])
                #expect(deaths.map { $0["reason"] } == [.string("expired"), .string("rejected")])
                #expect(deaths.map { $0["count"] } == [.int64(round - 1), .int64(round - 1)])
            }
        }

        @Test("the same again: time, exchange, routing-keys and original-expiration are those of the first time")
        func unchanged() async throws {
            let channel = try await WireClient.open().openChannel()
            // More than a second, as times are in seconds.
            let loop = try await Loop(channel, ["x-message-ttl": .int32(1100)])
            let exchange = try await channel.declareExchange("direct")
            try await channel.bind(loop.work, to: exchange, "first key")
            try await channel.publish(
                "m", to: exchange, key: "first key",
                BasicProperties(headers: ["CC": .array([.string("copy")])], expiration: "60000"))
            try await channel.rejectNext(of: loop.work)
            let once = try #require(try await channel.rejectNext(of: loop.work).deaths.last)
            let letter = try await channel.take(loop.work)
            let twice = try #require(try letter.deaths.last)
            for death in [once, twice] {
                #expect(death["queue"] == .string(loop.work))
                #expect(death["exchange"] == .string(exchange))
                #expect(death["routing-keys"] == .array([.string("first key"), .string("copy")]))
                #expect(death["original-expiration"] == .string("60000"))
            }
            #expect(once["count"] == .int64(1) && twice["count"] == .int64(2))
            #expect(try #require(once.seconds) == #require(twice.seconds))
            // The other queue's death came later, and so tells that time has passed.
            #expect(try #require(letter.lastDeath.seconds) > #require(twice.seconds))
        }

        // MARK: First and last

        @Test("x-first-death-reason, -queue and -exchange are set once and stay")
        func firstDeath() async throws {
            let channel = try await WireClient.open().openChannel()
            let loop = try await Loop(channel)
            try await channel.bind(loop.work, to: "amq.direct", loop.work)
            try await channel.publish("m", to: "amq.direct", key: loop.work)
            try await channel.rejectNext(of: loop.work)
            for queue in [loop.wait, loop.work] {
                let headers = try await channel.rejectNext(of: queue).headers
                #expect(headers["x-first-death-reason"] == .string("rejected"))
                #expect(headers["x-first-death-queue"] == .string(loop.work))
                #expect(headers["x-first-death-exchange"] == .string("amq.direct"))
            }
        }

        @Test(
            "x-last-death-reason, -queue and -exchange are set each time, the first time too",
            .harrierOnly("RabbitMQ 3.10 has no x-last-death-…"))
        func lastDeath() async throws {
            let channel = try await WireClient.open().openChannel()
            let loop = try await Loop(channel, ["x-message-ttl": .int32(20)])
            let sink = try await DeadLetterSink.open("fanout")
            // A copy of what comes to the waiting queue.
            try await channel.call(
                ExchangeBind(destination: sink.exchange, source: loop.exchange), ExchangeBindOk.self)
            try await channel.publish("m", key: loop.work)
            try await channel.rejectNext(of: loop.work)
            let first = try await sink.next().headers
            #expect(first["x-last-death-reason"] == .string("rejected"))
            #expect(first["x-last-death-queue"] == .string(loop.work))
            #expect(first["x-last-death-exchange"] == .string(""))
            let second = try await channel.take(loop.work).headers
            #expect(second["x-last-death-reason"] == .string("expired"))
            #expect(second["x-last-death-queue"] == .string(loop.wait))
            #expect(second["x-last-death-exchange"] == .string(loop.exchange))
        }

        /// A queue whose dead letters go to another, whose dead letters come back.
        private struct Loop {
            let work: String
            let wait: String
            let exchange: String

            init(_ channel: WireChannel, _ waiting: FieldTable = [:]) async throws {
                exchange = try await channel.declareExchange("fanout")
                work = try await channel.declareQueue(arguments: ["x-dead-letter-exchange": .string(exchange)])
                let back: FieldTable = [
                    "x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string(work),
                ]
                wait = try await channel.declareQueue(arguments: back.adding(waiting))
                try await channel.bind(wait, to: exchange)
            }
        }
    }
}

extension FieldTable {
    /// The `time` of an entry of `x-death`.
    fileprivate var seconds: UInt64? {
        guard case .timestamp(let seconds) = self["time"] else { return nil }
        return seconds
    }
}
