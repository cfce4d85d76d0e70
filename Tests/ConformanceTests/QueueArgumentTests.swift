import AMQPProtocol
import Testing

extension Conformance {
    /// What a queue is declared with, and declared with again.
    @Suite struct QueueArguments {
        // MARK: Redeclare

        @Test("redeclare alike is fine")
        func alike() async throws {
            let channel = try await WireClient.open().openChannel()
            let arguments: FieldTable = [
                "x-message-ttl": .int32(60_000), "x-max-length": .int32(10), "x-overflow": .string("reject-publish"),
                "x-dead-letter-exchange": .string("dead"), "x-dead-letter-routing-key": .string("key"),
            ]
            let queue = try await channel.declareQueue(arguments: arguments)
            #expect(try await channel.declareQueue(queue, arguments: arguments) == queue)
        }

        @Test(
            "redeclare with another property is 406, and the text names it",
            arguments: [
                (QueueDeclare(queue: "", durable: true), "durable", "true", "false"),
                (QueueDeclare(queue: "", autoDelete: true), "auto_delete", "true", "false"),
            ])
        func otherProperty(declare: QueueDeclare, name: String, received: String, current: String) async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue(exclusive: false)
            var declare = declare
            declare.queue = queue
            try await channel.expectRefusal(
                declare, .preconditionFailed,
                """
                PRECONDITION_FAILED - inequivalent arg '\(name)' for queue '\(queue)' in vhost \
                '\(channel.virtualHost)': received '\(received)' but current is '\(current)'
                """)
        }

        @Test(
            "redeclare with another argument is 406",
            arguments: [
                (
                    ["x-message-ttl": .int32(1000)], ["x-message-ttl": .int32(2000)], "x-message-ttl",
                    "received '2000' but current is '1000'"
                ),
                (
                    ["x-message-ttl": .int64(1000)], [:], "x-message-ttl",
                    "received none but current is the value '1000' of type 'long'"
                ),
                (
                    ["x-message-ttl": .int32(1000)], [:], "x-message-ttl",
                    "received none but current is the value '1000' of type 'signedint'"
                ),
                (
                    [:], ["x-dead-letter-exchange": .string("x")], "x-dead-letter-exchange",
                    "received the value 'x' of type 'longstr' but current is none"
                ),
                (
                    ["x-max-length": .int32(1)], ["x-max-length": .int32(2)], "x-max-length",
                    "received '2' but current is '1'"
                ),
                (
                    ["x-overflow": .string("drop-head")], ["x-overflow": .string("reject-publish")], "x-overflow",
                    "received 'reject-publish' but current is 'drop-head'"
                ),
                (
                    ["x-max-priority": .int32(5)], ["x-max-priority": .int32(6)], "x-max-priority",
                    "received '6' but current is '5'"
                ),
                (
                    [:], ["x-single-active-consumer": .boolean(true)], "x-single-active-consumer",
                    "received the value 'true' of type 'bool' but current is none"
                ),
            ] as [(FieldTable, FieldTable, String, String)])
        func otherArgument(first: FieldTable, second: FieldTable, name: String, difference: String) async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue(arguments: first)
            try await channel.expectRefusal(
                QueueDeclare(queue: queue, exclusive: true, arguments: second), .preconditionFailed,
                """
                PRECONDITION_FAILED - inequivalent arg '\(name)' for queue '\(queue)' in vhost \
                '\(channel.virtualHost)': \(difference)
                """)
        }

        @Test("integers are the same whatever their width")
        func integerWidths() async throws {
            let channel = try await WireClient.open().openChannel()
            let values: [FieldValue] = [.int64(100), .int32(100), .int16(100), .int8(100), .uint8(100), .uint16(100)]
            let queue = try await channel.declareQueue(arguments: ["x-max-length": values[0]])
            for value in values { _ = try await channel.declareQueue(queue, arguments: ["x-max-length": value]) }
        }

        @Test("arguments that the broker does not know are not compared")
        func unknownArguments() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue(arguments: ["x-of-ours": .int32(1)])
            _ = try await channel.declareQueue(
                queue, arguments: ["x-of-ours": .string("other"), "and-more": .boolean(true)])
            _ = try await channel.declareQueue(queue)
        }

        @Test("classic is what a queue without a type is")
        func classicIsTheDefault() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue(arguments: ["x-queue-type": .string("classic")])
            _ = try await channel.declareQueue(queue)
            let other = try await channel.declareQueue()
            _ = try await channel.declareQueue(other, arguments: ["x-queue-type": .string("classic")])
        }

        // MARK: Values

        @Test(
            "a value that an argument cannot have is 406, and is told what is wrong with it",
            arguments: [
                ("x-message-ttl", .int32(-1), "{value_negative,-1}"),
                ("x-message-ttl", .string("1000"), "\"expected integer, got longstr\""),
                ("x-message-ttl", .boolean(true), "\"expected integer, got bool\""),
                ("x-message-ttl", .int64(.max), "{value_too_large,9223372036854775807}"),
                ("x-expires", .int32(0), "{value_zero,0}"), ("x-expires", .int32(-1), "{value_negative,-1}"),
                ("x-expires", .string("1"), "\"expected integer, got longstr\""),
                ("x-max-length", .int32(-1), "{value_negative,-1}"),
                ("x-max-length", .string("10"), "\"expected integer, got longstr\""),
                ("x-max-length-bytes", .int32(-1), "{value_negative,-1}"),
                ("x-max-length-bytes", .string("10"), "\"expected integer, got longstr\""),
                ("x-max-priority", .int32(-1), "{value_negative,-1}"),
                ("x-max-priority", .int32(256), "{max_value_exceeded,256}"),
                ("x-max-priority", .string("5"), "\"expected integer, got longstr\""),
                ("x-overflow", .string("spill"), "invalid_overflow"),
                ("x-overflow", .int32(1), "{unacceptable_type,signedint}"),
                ("x-queue-mode", .string("hurried"), "\"unsupported queue mode 'hurried'\""),
                ("x-queue-mode", .int32(1), "{unacceptable_type,signedint}"),
                ("x-queue-version", .int32(5), "\"unsupported queue version '5'\""),
                ("x-queue-version", .string("1"), "\"expected integer, got longstr\""),
                ("x-queue-version", .int32(-1), "{value_negative,-1}"),
                ("x-single-active-consumer", .string("true"), "{unacceptable_type,longstr}"),
                ("x-single-active-consumer", .int32(1), "{unacceptable_type,signedint}"),
                ("x-dead-letter-routing-key", .string("key but no exchange"), "routing_key_but_no_dlx_defined"),
                ("x-dead-letter-routing-key", .int64(1), "{unacceptable_type,long}"),
            ] as [(String, FieldValue, String)])
        func badValue(name: String, value: FieldValue, reason: String) async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = unique("queue")
            try await channel.expectRefusal(
                QueueDeclare(queue: queue, exclusive: true, arguments: [name: value]), .preconditionFailed,
                .starting(
                    "PRECONDITION_FAILED - invalid arg '\(name)' for queue '\(queue)' in vhost "
                        + "'\(channel.virtualHost)': \(reason)"))
            try await channel.expectRefusal(
                QueueDeclare(queue: queue, passive: true), .notFound,
                "NOT_FOUND - no queue '\(queue)' in vhost '\(channel.virtualHost)'")
        }

        @Test("an unknown queue type is 406", arguments: [.string("swift"), .int32(1)] as [FieldValue])
        func unknownType(value: FieldValue) async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.expectRefusal(
                QueueDeclare(queue: unique("queue"), durable: true, arguments: ["x-queue-type": value]),
                .preconditionFailed, .starting("PRECONDITION_FAILED - invalid arg 'x-queue-type' for queue '"))
        }

        @Test("a dead-letter exchange that is not a text is 406")
        func deadLetterExchangeType() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = unique("queue")
            let arguments: FieldTable = ["x-dead-letter-exchange": .int64(1)]
            try await channel.expectRefusal(
                QueueDeclare(queue: queue, exclusive: true, arguments: arguments), .preconditionFailed,
                """
                PRECONDITION_FAILED - invalid type 'long' for arg 'x-dead-letter-exchange' in queue '\(queue)' in vhost \
                '\(channel.virtualHost)'
                """)
        }

        @Test("the largest TTL is ten years")
        func longestTimeToLive() async throws {
            let channel = try await WireClient.open().openChannel()
            _ = try await channel.declareQueue(arguments: ["x-message-ttl": .int64(315_360_000_000)])
            _ = try await channel.declareQueue(arguments: ["x-expires": .int64(315_360_000_000)])
            try await channel.send(
                QueueDeclare(
                    queue: unique("queue"), exclusive: true, arguments: ["x-message-ttl": .int64(315_360_000_001)]))
            #expect(try await channel.next(ChannelClose.self).replyCode == .preconditionFailed)
        }

        // MARK: Quorum queues

        @Test("a quorum queue that is not durable is 406")
        func transientQuorum() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = unique("queue")
            try await channel.expectRefusal(
                QueueDeclare(queue: queue, arguments: ["x-queue-type": .string("quorum")]), .preconditionFailed,
                """
                PRECONDITION_FAILED - invalid property 'non-durable' for queue '\(queue)' in vhost \
                '\(channel.virtualHost)'
                """)
        }

        @Test("a quorum queue that is exclusive is 406")
        func exclusiveQuorum() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = unique("queue")
            try await channel.expectRefusal(
                QueueDeclare(
                    queue: queue, durable: true, exclusive: true, arguments: ["x-queue-type": .string("quorum")]),
                .preconditionFailed,
                """
                PRECONDITION_FAILED - invalid property 'exclusive-owner' for queue '\(queue)' in vhost \
                '\(channel.virtualHost)'
                """)
        }

        @Test("a quorum queue that goes with its last consumer is 406")
        func autoDeleteQuorum() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = unique("queue")
            try await channel.expectRefusal(
                QueueDeclare(
                    queue: queue, durable: true, autoDelete: true, arguments: ["x-queue-type": .string("quorum")]),
                .preconditionFailed,
                """
                PRECONDITION_FAILED - invalid property 'auto-delete' for queue '\(queue)' in vhost \
                '\(channel.virtualHost)'
                """)
        }

        @Test("a quorum queue is not a classic queue: 406, with both types")
        func quorumAsClassic() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue(
                durable: true, exclusive: false, arguments: ["x-queue-type": .string("quorum")])
            try await channel.expectRefusal(
                QueueDeclare(queue: queue, durable: true, arguments: ["x-queue-type": .string("classic")]),
                .preconditionFailed,
                """
                PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue '\(queue)' in vhost \
                '\(channel.virtualHost)': received 'classic' but current is 'quorum'
                """)
        }

        @Test("a classic queue is not a quorum queue: 406")
        func otherType() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue(durable: true, exclusive: false)
            try await channel.send(
                QueueDeclare(queue: queue, durable: true, arguments: ["x-queue-type": .string("quorum")]))
            let close = try await channel.next(ChannelClose.self)
            #expect(close.replyCode == .preconditionFailed)
            #expect(
                close.replyText.hasPrefix("PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue '\(queue)'"))
        }
    }
}
