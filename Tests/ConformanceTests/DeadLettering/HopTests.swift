import AMQPProtocol
import Broker
import BrokerServer
import Testing

extension Conformance.DeadLettering {
    /// What Harrier adds to RabbitMQ's rules: a bound for messages that are rejected round and round, and the history that
    /// clients of RabbitMQ 3.13 rely on.
    @Suite(.harrierOnly("RabbitMQ has neither")) struct Hops {
        @Test("a message is dead-lettered x-max-dead-letter-hops times, and then stays where it died")
        func bound() async throws {
            let channel = try await WireClient.open().openChannel()
            let work = unique("work")
            _ = try await channel.declareQueue(
                work,
                arguments: [
                    "x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string(work),
                    "x-max-dead-letter-hops": .int32(3),
                ])
            try await channel.publish("m", key: work)
            // Round and round: rejected messages may.
            for _ in 0..<4 { try await channel.rejectNext(of: work) }
            #expect(try await channel.messageCount(work) == 0)
            #expect(try await channel.get(work) == nil)
            // It is still there, in nobody's hands.
            let purged = try await channel.call(QueuePurge(queue: work), QueuePurgeOk.self)
            #expect(purged.messageCount == 1)
        }

        @Test("a policy bounds the hops of a queue that is there")
        func boundByPolicy() async throws {
            try await BrokerUnderTest.withPolicies(["^work$": ["max-dead-letter-hops": .int32(0)]]) { _ in
                let channel = try await WireClient.open().openChannel()
                let sink = try await DeadLetterSink.open()
                _ = try await channel.declareQueue("work", arguments: sink.arguments())
                try await channel.publish("m", key: "work")
                try await channel.rejectNext(of: "work")
                try await sink.expectNothing()
            }
        }

        @Test("a bound that is no number is refused")
        func notANumber() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.expectRefusal(
                QueueDeclare(queue: "q", arguments: ["x-max-dead-letter-hops": .string("three")]), .preconditionFailed,
                .starting("PRECONDITION_FAILED - invalid arg 'x-max-dead-letter-hops'"))
        }

        @Test("where clients' deaths are trusted, a message that is published again goes on dying where it was")
        func trustedHistory() async throws {
            try await BrokerUnderTest.withOwn({ $0.broker.clientDeaths = .trust }) { _ in
                let channel = try await WireClient.open().openChannel()
                let sink = try await DeadLetterSink.open()
                let work = try await channel.declareQueue(arguments: sink.arguments())
                try await channel.publish("m", key: work)
                try await channel.rejectNext(of: work)
                let first = try await sink.next()
                try await channel.publish("m", key: work, BasicProperties(headers: first.headers))
                try await channel.rejectNext(of: work)
                #expect(try await sink.next().deaths.map { $0["count"] } == [.int64(2)])
            }
        }
    }
}
