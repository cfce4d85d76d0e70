import AMQPProtocol
import Testing

extension Conformance {
    /// Opening and closing channels.
    @Suite struct Channels {
        @Test("a method on a channel that is not open is 504")
        func notOpen() async throws {
            let client = try await WireClient.open()
            try await client.send(QueueDeclare(queue: "name"), on: 1)
            try await client.expectClose(
                .channelError, "CHANNEL_ERROR - expected 'channel.open'", cause: .queueDeclare)
        }

        @Test("channel.close of a channel that is not open is 504")
        func closeNotOpen() async throws {
            let client = try await WireClient.open()
            try await client.send(ChannelClose(replyCode: .replySuccess), on: 1)
            try await client.expectClose(
                .channelError, "CHANNEL_ERROR - expected 'channel.open'", cause: .channelClose)
        }

        @Test("a content header on a channel that is not open is a connection error")
        func contentNotOpen() async throws {
            let client = try await WireClient.open()
            try await WireChannel(client: client, number: 1).sendContentHeader(bodySize: 0)
            let close = try await client.next(ConnectionClose.self)
            #expect([.channelError, .unexpectedFrame].contains(close.replyCode), "\(close.replyText)")
        }

        @Test("channel.open of an open channel is 504")
        func openTwice() async throws {
            let client = try await WireClient.open()
            _ = try await client.openChannel()
            try await client.send(ChannelOpen(), on: 1)
            try await client.expectClose(
                .channelError, "CHANNEL_ERROR - second 'channel.open' seen", cause: .channelOpen)
        }

        @Test("any number up to channel-max may be opened, in any order")
        func numbers() async throws {
            let client = try await WireClient.open()
            for number: UInt16 in [2047, 1, 1024] { _ = try await client.openChannel(number) }
        }

        @Test("a channel that was closed can be opened again, and starts afresh")
        func reopen() async throws {
            let client = try await WireClient.open()
            let channel = try await client.openChannel()
            let queue = try await channel.declareQueue()
            try await channel.call(TxSelect(), TxSelectOk.self)
            try await channel.publish("uncommitted", key: queue)
            try await channel.close()
            let again = try await client.openChannel()
            // Neither transactional nor holding what was not committed.
            try await again.call(ConfirmSelect(), ConfirmSelectOk.self)
            #expect(try await again.messageCount(queue) == 0)
        }

        @Test("after the server's channel.close everything is ignored until close-ok, and the number can be used again")
        func ignoredUntilCloseOk() async throws {
            let channel = try await WireClient.open().openChannel()
            let ignored = unique("queue")
            try await channel.send(QueueDeclare(queue: "amq.mine"))
            // All of this may be on its way before the client knows.
            try await channel.send(QueueDeclare(queue: ignored))
            try await channel.send(BasicPublish(routingKey: ignored))
            try await channel.sendContentHeader(bodySize: 3)
            try await channel.sendBody([1, 2, 3])
            try await channel.send(BasicAck(deliveryTag: 99))
            try await channel.expectClose(
                .accessRefused, "ACCESS_REFUSED - queue name 'amq.mine' contains reserved prefix 'amq.*'",
                cause: .queueDeclare)
            try await channel.expectRefusal(
                QueueDeclare(queue: ignored, passive: true), .notFound,
                "NOT_FOUND - no queue '\(ignored)' in vhost '\(channel.virtualHost)'")
        }

        @Test("closes that cross: the client's is answered, and the number is free")
        func crossingCloses() async throws {
            let client = try await WireClient.open()
            let channel = try await client.openChannel()
            try await channel.send(QueueDeclare(queue: "amq.mine"))
            try await channel.send(ChannelClose(replyCode: .replySuccess))
            let close = try await channel.next(ChannelClose.self)
            #expect(close.replyCode == .accessRefused)
            try await channel.next(ChannelCloseOk.self)
            try await channel.send(ChannelCloseOk())
            try await client.expectAlive()
        }

        @Test("an error on one channel leaves the others alone")
        func othersGoOn() async throws {
            let client = try await WireClient.open()
            let good = try await client.openChannel(1)
            let bad = try await client.openChannel(2)
            let queue = try await good.declareQueue()
            try await good.consume(queue)
            try await bad.expectRefusal(
                QueueDeclare(queue: "amq.mine"), .accessRefused,
                "ACCESS_REFUSED - queue name 'amq.mine' contains reserved prefix 'amq.*'")
            try await good.publish("still here", key: queue)
            #expect(try await good.nextDelivery().text == "still here")
        }

        @Test("channel.flow active is answered, inactive is 540")
        func flow() async throws {
            let channel = try await WireClient.open().openChannel()
            #expect(try await channel.call(ChannelFlow(active: true), ChannelFlowOk.self).active)
            try await channel.send(ChannelFlow(active: false))
            try await channel.client.expectClose(
                .notImplemented, "NOT_IMPLEMENTED - active=false", cause: .channelFlow)
        }

        @Test("access.request is granted without a look")
        func accessRequest() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.call(AccessRequest(realm: "/data"), AccessRequestOk.self)
        }

        @Test("connection.close is answered, then the socket closed; what follows it is ignored")
        func closeConnection() async throws {
            let client = try await WireClient.open()
            let channel = try await client.openChannel()
            try await client.send(ConnectionClose(replyCode: .replySuccess))
            try await channel.send(QueueDeclare(queue: "amq.mine"))
            try await client.next(ConnectionCloseOk.self)
            try await client.expectEnd()
        }
    }
}
