import AMQPProtocol
import Testing

extension Conformance.DeadLettering {
    /// What a queue may be declared with, and where its dead letters go by that. Permissions stand in `Permissions`.
    @Suite struct Configuration {
        // MARK: Arguments

        @Test("a dead-letter routing key without a dead-letter exchange is 406")
        func keyWithoutExchange() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = unique("queue")
            try await channel.expectRefusal(
                QueueDeclare(
                    queue: queue, exclusive: true, arguments: ["x-dead-letter-routing-key": .string("key")]),
                .preconditionFailed,
                """
                PRECONDITION_FAILED - invalid arg 'x-dead-letter-routing-key' for queue '\(queue)' in vhost \
                '\(channel.virtualHost)': routing_key_but_no_dlx_defined
                """)
        }

        @Test(
            "a routing key or a strategy that is none is 406",
            arguments: [
                ("x-dead-letter-routing-key", .int32(1)), ("x-dead-letter-strategy", .int32(1)),
                ("x-dead-letter-strategy", .string("sometimes")),
            ] as [(String, FieldValue)])
        func badValue(name: String, value: FieldValue) async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = unique("queue")
            try await channel.expectRefusal(
                QueueDeclare(
                    queue: queue, durable: true,
                    arguments: [
                        "x-queue-type": .string("quorum"), "x-dead-letter-exchange": .string("somewhere"), name: value,
                    ]),
                .preconditionFailed,
                .starting(
                    "PRECONDITION_FAILED - invalid arg '\(name)' for queue '\(queue)' in vhost "
                        + "'\(channel.virtualHost)': "))
        }

        @Test("the exchange need not be there when the queue is declared")
        func exchangeLater() async throws {
            let channel = try await WireClient.open().openChannel()
            let exchange = unique("exchange")
            let work = try await channel.declareQueue(arguments: ["x-dead-letter-exchange": .string(exchange)])
            _ = try await channel.declareExchange("fanout", exchange)
            let sink = try await DeadLetterSink.open(at: exchange)
            try await channel.publish("m", key: work)
            try await channel.rejectNext(of: work)
            #expect(try await sink.next().text == "m")
        }

        @Test("an empty name is the default exchange: the dead-letter routing key names a queue")
        func defaultExchange() async throws {
            let channel = try await WireClient.open().openChannel()
            let dead = try await channel.declareQueue()
            let work = try await channel.declareQueue(
                arguments: ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string(dead)])
            try await channel.publish("m", key: work)
            try await channel.rejectNext(of: work)
            let letter = try await channel.take(dead)
            #expect(letter.text == "m")
            #expect(letter.method.exchange == "" && letter.method.routingKey == dead)
        }

        @Test("without a dead-letter exchange what is rejected is gone", arguments: QueueKind.allCases)
        func none(kind: QueueKind) async throws {
            let channel = try await WireClient.open().openChannel()
            let work = try await channel.declareQueue(kind)
            try await channel.publishConfirmed(["m", "next"], key: work)
            try await channel.rejectNext(of: work)
            #expect(try await channel.take(work).text == "next")
            #expect(try await channel.get(work) == nil)
            try await channel.delete(work)
        }

        @Test("the exchange is the one in the queue's own virtual host", .ownServer)
        func sameVirtualHost() async throws {
            let definitions = """
                vhosts: [{name: /}, {name: other}]
                users: [{name: guest, password: guest, tags: [administrator]}]
                permissions:
                  - {user: guest, vhost: /, configure: ".*", write: ".*", read: ".*"}
                  - {user: guest, vhost: other, configure: ".*", write: ".*", read: ".*"}
                exchanges:
                  - {name: dlx, vhost: /, type: fanout, durable: true, auto_delete: false, internal: false, arguments: {}}
                  - {name: dlx, vhost: other, type: fanout, durable: true, auto_delete: false, internal: false, \
                arguments: {}}
                """
            try await BrokerUnderTest.withDefinitions(definitions) { broker in
                let foreign = try await DeadLetterSink.open(at: "dlx")
                var other = broker
                other.virtualHost = "other"
                try await BrokerUnderTest.$current.withValue(other) {
                    let own = try await DeadLetterSink.open(at: "dlx")
                    let channel = try await WireClient.open().openChannel()
                    let work = try await channel.declareQueue(arguments: own.arguments())
                    try await channel.publish("m", key: work)
                    try await channel.rejectNext(of: work)
                    #expect(try await own.next().text == "m")
                }
                try await foreign.expectNothing()
            }
        }

        // MARK: Policies

        @Test("a policy may name the exchange and the routing key", .ownServer)
        func policy() async throws {
            let settings: FieldTable = [
                "dead-letter-exchange": .string("amq.direct"), "dead-letter-routing-key": .string("by policy"),
            ]
            try await BrokerUnderTest.withPolicies(["^work$": settings]) { _ in
                let sink = try await DeadLetterSink.open(at: "amq.direct", keys: ["by policy"])
                try await expectDeath(of: "work", at: sink)
            }
        }

        @Test("a policy with a routing key and no exchange turns dead lettering off, not the queue down", .ownServer)
        func policyKeyAlone() async throws {
            let settings: FieldTable = ["dead-letter-routing-key": .string("dead")]
            try await BrokerUnderTest.withPolicies(["^work$": settings]) { _ in
                let channel = try await WireClient.open().openChannel()
                let dead = try await channel.declareQueue("dead")
                let work = try await channel.declareQueue("work")
                for text in ["m", "next"] { try await channel.publish(text, key: work) }
                try await channel.rejectNext(of: work)
                #expect(try await channel.take(work).text == "next")
                #expect(try await channel.get(dead) == nil)
            }
        }

        @Test("the argument beats the policy: exchange", .ownServer)
        func argumentExchange() async throws {
            let settings: FieldTable = ["dead-letter-exchange": .string("amq.fanout")]
            try await BrokerUnderTest.withPolicies(["^work$": settings]) { _ in
                let byPolicy = try await DeadLetterSink.open(at: "amq.fanout")
                let byArgument = try await DeadLetterSink.open()
                try await expectDeath(of: "work", byArgument.arguments(), at: byArgument)
                try await byPolicy.expectNothing()
            }
        }

        @Test("the argument beats the policy: routing key", .ownServer)
        func argumentKey() async throws {
            let settings: FieldTable = ["dead-letter-routing-key": .string("by policy")]
            try await BrokerUnderTest.withPolicies(["^work": settings]) { _ in
                let byPolicy = try await DeadLetterSink.open("direct", keys: ["by policy"])
                let byArgument = try await DeadLetterSink.open(at: byPolicy.exchange, keys: ["by argument"])
                let key: FieldTable = ["x-dead-letter-routing-key": .string("by argument")]
                try await expectDeath(of: "work", byArgument.arguments(key), at: byArgument)
                try await byPolicy.expectNothing()
                // Where the arguments say nothing, the policy does.
                try await expectDeath(of: "work-2", byPolicy.arguments(), at: byPolicy)
            }
        }

        @Test("the argument beats the policy: strategy", .ownServer)
        func argumentStrategy() async throws {
            let settings: FieldTable = [
                "dead-letter-strategy": .string("at-least-once"), "overflow": .string("reject-publish"),
            ]
            try await BrokerUnderTest.withPolicies(["^work$": settings]) { _ in
                let sink = try await DeadLetterSink.open("direct", keys: ["routable"])
                let channel = try await WireClient.open().openChannel()
                let work = try await channel.declareQueue(
                    .quorum, "work", arguments: sink.arguments(["x-dead-letter-strategy": .string("at-most-once")]))
                try await channel.publishConfirmed(["lost"], key: work)
                try await channel.rejectNext(of: work)
                #expect(try await channel.get(work) == nil)
                try await sink.bind(work)
                try await sink.expectNothing()
            }
        }

        @Test("the argument beats the policy: overflow", .ownServer)
        func argumentOverflow() async throws {
            let settings: FieldTable = ["overflow": .string("reject-publish")]
            try await BrokerUnderTest.withPolicies(["^work$": settings]) { _ in
                let sink = try await DeadLetterSink.open()
                let channel = try await WireClient.open().openChannel()
                let arguments: FieldTable = ["x-max-length": .int32(1), "x-overflow": .string("drop-head")]
                let work = try await channel.declareQueue("work", arguments: sink.arguments(arguments))
                try await channel.publishConfirmed(["head", "tail"], key: work)
                #expect(try await sink.next().text == "head")
            }
        }

        @Test("of an argument and a policy the smaller number counts", .ownServer, arguments: [true, false])
        func smallerNumber(argumentIsSmaller: Bool) async throws {
            let (small, large): (FieldValue, FieldValue) = (.int64(1), .int64(60_000))
            let (argument, setting) = argumentIsSmaller ? (small, large) : (large, small)
            let policies: [String: FieldTable] = [
                "^length$": ["max-length": setting], "^bytes$": ["max-length-bytes": setting],
                "^ttl$": ["message-ttl": setting],
            ]
            try await BrokerUnderTest.withPolicies(policies) { _ in
                let channel = try await WireClient.open().openChannel()
                for (queue, name, reason) in [
                    ("length", "x-max-length", "maxlen"), ("bytes", "x-max-length-bytes", "maxlen"),
                    ("ttl", "x-message-ttl", "expired"),
                ] {
                    let sink = try await DeadLetterSink.open()
                    _ = try await channel.declareQueue(queue, arguments: sink.arguments([name: argument]))
                    for text in ["1", "2"] { try await channel.publish(text, key: queue) }
                    let letter = try await sink.next()
                    #expect(letter.text == "1")
                    #expect(try letter.deathReason == reason)
                }
            }
        }

        /// A rejected message of that queue is at the sink, and nothing else is.
        private func expectDeath(
            of queue: String, _ arguments: FieldTable = [:], at sink: DeadLetterSink,
            at location: SourceLocation = #_sourceLocation
        ) async throws {
            let channel = try await WireClient.open().openChannel()
            _ = try await channel.declareQueue(queue, arguments: arguments)
            try await channel.publish("m", key: queue)
            try await channel.rejectNext(of: queue)
            #expect(try await sink.next(at: location).text == "m", sourceLocation: location)
            try await sink.expectNothing(at: location)
        }
    }
}
