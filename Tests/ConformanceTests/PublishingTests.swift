import AMQPProtocol
import Broker
import BrokerServer
import Testing

extension Conformance {
    /// basic.publish: what is refused, returned and changed on the way.
    @Suite struct Publishing {
        @Test("publish to an internal exchange is 403")
        func internalExchange() async throws {
            let channel = try await WireClient.open().openChannel()
            let exchange = try await channel.declareExchange(internal: true)
            try await channel.publish("?", to: exchange, key: "")
            try await channel.expectClose(
                .accessRefused,
                """
                ACCESS_REFUSED - cannot publish to internal exchange '\(exchange)' in vhost '\(channel.virtualHost)'
                """, cause: .basicPublish)
        }

        @Test("immediate is 540")
        func immediate() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.publish("?", key: "nobody", immediate: true)
            try await channel.client.expectClose(
                .notImplemented, "NOT_IMPLEMENTED - immediate=true", cause: .basicPublish)
        }

        @Test("publish to a missing exchange is 404, and is not confirmed")
        func missingExchange() async throws {
            let channel = try await WireClient.open().openChannel()
            let name = unique("exchange")
            try await channel.call(ConfirmSelect(), ConfirmSelectOk.self)
            try await channel.publish("?", to: name, key: "")
            try await channel.expectClose(
                .notFound, "NOT_FOUND - no exchange '\(name)' in vhost '\(channel.virtualHost)'", cause: .basicPublish)
        }

        // MARK: Returns

        @Test("mandatory and unroutable: returned whole, before the confirm, which is an ack")
        func mandatory() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.call(ConfirmSelect(), ConfirmSelectOk.self)
            let properties = BasicProperties(contentType: "text/plain", headers: ["h": .int32(7)], messageID: "id")
            try await channel.publish("come back", to: "amq.direct", key: "nobody", properties, mandatory: true)
            let returned = try await channel.nextReturn()
            #expect(
                returned.method
                    == BasicReturn(
                        replyCode: .noRoute, replyText: "NO_ROUTE", exchange: "amq.direct", routingKey: "nobody"))
            #expect(returned.text == "come back")
            #expect(try returned.properties == properties)
            #expect(try await channel.next(BasicAck.self) == BasicAck(deliveryTag: 1))
        }

        @Test("unroutable and not mandatory: dropped, and confirmed")
        func unroutable() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.publishConfirmed(["gone"], key: unique("nobody"))
        }

        @Test("mandatory and routable: not returned")
        func mandatoryRoutable() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.publish("there", key: queue, mandatory: true)
            #expect(try await channel.getMessage(queue).text == "there")
        }

        // MARK: Properties

        @Test(
            "an expiration that is no number of milliseconds is 406",
            arguments: [
                ("abc", "no_integer"), ("-1", "{value_negative,-1}"), ("", "no_integer"),
                ("1.5", "{leftover_string,\".5\"}"), (" 5", "no_integer"), ("5 ", "{leftover_string,\" \"}"),
                ("1000000000000000000000000", "{value_too_large,"),
            ])
        func badExpiration(expiration: String, reason: String) async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.publish("?", key: queue, BasicProperties(expiration: expiration))
            try await channel.expectClose(
                .preconditionFailed, .starting("PRECONDITION_FAILED - invalid expiration '\(expiration)': \(reason)"),
                cause: .basicPublish)
            #expect(try await channel.get(queue) == nil)
        }

        @Test("an expiration may have a plus sign")
        func expirationWithSign() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.publish("lasting", key: queue, BasicProperties(expiration: "+600000"))
            #expect(try await channel.getMessage(queue).properties.expiration == "+600000")
        }

        @Test("an expiration of 0 drops a message that nobody waits for")
        func expirationZero() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.publish("brief", key: queue, BasicProperties(expiration: "0"))
            #expect(try await channel.get(queue) == nil)
        }

        @Test("a user_id that is not the authenticated one is 406")
        func otherUser() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.publish("?", key: queue, BasicProperties(userID: "other"))
            try await channel.expectClose(
                .preconditionFailed,
                """
                PRECONDITION_FAILED - user_id property set to 'other' but authenticated user was \
                '\(channel.client.broker.user)'
                """, cause: .basicPublish)
        }

        @Test("one's own user_id is fine, and arrives")
        func ownUser() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            let user = channel.client.broker.user
            try await channel.publish("?", key: queue, BasicProperties(userID: user))
            #expect(try await channel.getMessage(queue).properties.userID == user)
        }

        @Test("properties and headers arrive as they were sent, byte for byte")
        func everyFieldType() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            let everyType: FieldTable = [
                "t": .boolean(true), "b": .int8(-128), "B": .uint8(255), "s": .int16(-32768), "u": .uint16(65535),
                "I": .int32(.min), "i": .uint32(.max), "l": .int64(.min), "f": .float(1.5), "d": .double(-0.1),
                "D": .decimal(scale: 2, value: 314), "S": .string("ü漢🐇"), "S0": .longString([]),
                "x": .bytes([0, 255, 128]), "T": .timestamp(1_700_000_000), "V": .void,
                "A": .array([.int32(1), .string("two"), .array([]), .table([:]), .void]),
                "F": .table(["nested": .table(["deeper": .array([.table(["end": .boolean(false)])])])]),
                "": .string("a name may be empty"),
            ]
            let properties = BasicProperties(
                contentType: "application/json", contentEncoding: "gzip", headers: everyType, deliveryMode: 2,
                priority: 9, correlationID: "correlation", replyTo: "reply", expiration: "60000", messageID: "message",
                timestamp: 1_700_000_001, type: "type", userID: channel.client.broker.user, appID: "app",
                clusterID: "cluster")
            try await channel.publish("body", key: queue, properties)
            let content = try await channel.getMessage(queue).content
            #expect(content.propertyBytes == frames { properties.encode(into: &$0) })
        }

        @Test("the body may have any length", arguments: [0, 1, 4087, 4088, 4089, 131_064, 131_065, 300_000])
        func bodyLength(count: Int) async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            try await channel.publish(body, key: queue)
            #expect(try await channel.getMessage(queue).content.body == body)
        }

        @Test("a body over the limit is 406 at its header, and its frames are passed over", .ownServer)
        func bodyOverTheLimit() async throws {
            try await BrokerUnderTest.withServer {
                $0.broker.messageBytesMax = 1000
            } _: { broker in
                let channel = try await WireClient.open(broker).openChannel()
                let queue = try await channel.declareQueue()
                try await channel.publish([UInt8](repeating: 1, count: 1001), key: queue)
                try await channel.expectClose(
                    .preconditionFailed,
                    "PRECONDITION_FAILED - message size 1001 is larger than configured max size 1000",
                    cause: .basicPublish)
                try await channel.publish([UInt8](repeating: 1, count: 1000), key: queue)
                #expect(try await channel.getMessage(queue).content.body.count == 1000)
            }
        }

        @Test("a body that says it has 2^64 - 1 bytes is 406 at its header", .harrierOnly("RabbitMQ waits for it"))
        func absurdBodySize() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.beginContent(bodySize: .max, key: "key")
            let close = try await channel.next(ChannelClose.self)
            #expect(close.replyCode == .preconditionFailed)
            #expect(
                close.replyText.hasPrefix("PRECONDITION_FAILED - message size 18446744073709551615 is larger than "))
        }

        // MARK: CC and BCC

        @Test("CC and BCC are further routing keys; BCC is taken out, one copy each")
        func copies() async throws {
            let channel = try await WireClient.open().openChannel()
            let queues = [
                try await channel.declareQueue(), try await channel.declareQueue(), try await channel.declareQueue(),
            ]
            let copies: FieldValue = .array([.string(queues[1]), .string(queues[0])])
            let headers: FieldTable = ["CC": copies, "other": .int32(1), "BCC": .array([.string(queues[2])])]
            try await channel.publish("to all", key: queues[0], BasicProperties(headers: headers))
            for queue in queues {
                let message = try await channel.getMessage(queue)
                #expect(message.method.routingKey == queues[0])
                #expect(try message.properties.headers == ["CC": copies, "other": .int32(1)])
                #expect(try await channel.get(queue) == nil)
            }
        }

        @Test("what is no text in CC or BCC is no key")
        func strangeCopies() async throws {
            let channel = try await WireClient.open().openChannel()
            let queues = [try await channel.declareQueue(), try await channel.declareQueue()]
            let copies: FieldValue = .array([.int32(1), .string(queues[1]), .boolean(true)])
            try await channel.publish("to both", key: queues[0], BasicProperties(headers: ["CC": copies]))
            for queue in queues { #expect(try await channel.getMessage(queue).text == "to both") }
        }

        @Test(
            "CC or BCC that is no array is 406",
            arguments: [
                ("CC", .string("key"), "longstr"), ("BCC", .int32(1), "signedint"), ("CC", .table([:]), "table"),
            ] as [(String, FieldValue, String)])
        func badCopies(name: String, value: FieldValue, type: String) async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.publish("?", key: queue, BasicProperties(headers: [name: value]))
            try await channel.expectClose(
                .preconditionFailed,
                "PRECONDITION_FAILED - invalid message: {unacceptable_type_in_header,\"\(name)\",\(type)}",
                cause: .basicPublish)
        }
    }
}
