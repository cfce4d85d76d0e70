import AMQPProtocol
import Testing

extension Conformance {
    /// Frames that are sound, each by itself, in an order that is not.
    @Suite struct FrameOrder {
        @Test("a heartbeat on a channel is 505")
        func heartbeatOnChannel() async throws {
            let client = try await WireClient.open()
            _ = try await client.openChannel()
            try await client.sendFrame(8, on: 1)
            try await client.expectFrameError(.unexpectedFrame)
        }

        @Test("a header where a method is expected is 505")
        func headerFirst() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.sendContentHeader(bodySize: 0)
            try await channel.client.expectClose(
                .unexpectedFrame, "UNEXPECTED_FRAME - expected method frame, got non method frame instead")
        }

        @Test("a body where a method is expected is 505")
        func bodyFirst() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.sendBody([1])
            try await channel.client.expectClose(
                .unexpectedFrame, "UNEXPECTED_FRAME - expected method frame, got non method frame instead")
        }

        @Test("a method where the header is expected is 505")
        func methodInsteadOfHeader() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.send(BasicPublish(routingKey: "key"))
            try await channel.send(BasicPublish(routingKey: "key"))
            try await channel.client.expectClose(
                .unexpectedFrame,
                "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead",
                cause: .basicPublish)
        }

        @Test("a body where the header is expected is 505")
        func bodyInsteadOfHeader() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.send(BasicPublish(routingKey: "key"))
            try await channel.sendBody([1])
            try await channel.client.expectClose(
                .unexpectedFrame,
                "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead",
                cause: .basicPublish)
        }

        @Test("a method where the body is expected is 505")
        func methodInsteadOfBody() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.beginContent(bodySize: 10, key: "key")
            try await channel.send(BasicAck(deliveryTag: 1))
            try await channel.client.expectClose(
                .unexpectedFrame,
                "UNEXPECTED_FRAME - expected content body, got non content body frame instead", cause: .basicPublish)
        }

        @Test("a header where the body is expected is 505")
        func headerInsteadOfBody() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.beginContent(bodySize: 10, key: "key")
            try await channel.sendContentHeader(bodySize: 10)
            try await channel.client.expectClose(
                .unexpectedFrame,
                "UNEXPECTED_FRAME - expected content body, got non content body frame instead", cause: .basicPublish)
        }

        @Test("a header of another class is 505")
        func headerOfAnotherClass() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.send(BasicPublish(routingKey: "key"))
            try await channel.sendContentHeader(classID: 50, bodySize: 0)
            try await channel.client.expectClose(
                .unexpectedFrame,
                "UNEXPECTED_FRAME - expected content header for class 60, got one for class 50 instead",
                cause: .basicPublish)
        }

        @Test("more body than the header announced is 501", .harrierOnly("RabbitMQ waits for ever"))
        func tooMuchBody() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.beginContent(bodySize: 2, key: queue)
            try await channel.sendBody([1, 2, 3])
            let close = try await channel.client.next(ConnectionClose.self)
            #expect(close.replyCode == .frameError)
            #expect(close.replyText == "FRAME_ERROR - body frames hold 3 bytes, the header announced 2")
        }

        @Test("a connection method on a channel is 503 or 540")
        func connectionMethodOnChannel() async throws {
            let client = try await WireClient.open()
            _ = try await client.openChannel()
            try await client.send(ConnectionOpen(virtualHost: "/"), on: 1)
            let close = try await client.next(ConnectionClose.self)
            #expect([.commandInvalid, .notImplemented].contains(close.replyCode), "\(close.replyText)")
        }

        @Test("a channel's method on channel 0 is 504")
        func channelMethodOnChannelZero() async throws {
            let client = try await WireClient.open()
            try await client.send(QueueDeclare(queue: "name"), on: 0)
            try await client.expectClose(
                .channelError, "CHANNEL_ERROR - unexpected method in connection state running", cause: .queueDeclare)
        }

        @Test("a heartbeat between the frames of a content is fine")
        func heartbeatWithinContent() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.send(BasicPublish(routingKey: queue))
            try await channel.client.sendHeartbeat()
            try await channel.sendContentHeader(bodySize: 2)
            try await channel.client.sendHeartbeat()
            try await channel.sendBody([1])
            try await channel.client.sendHeartbeat()
            try await channel.sendBody([2])
            #expect(try await channel.getMessage(queue).content.body == [1, 2])
        }

        @Test("contents of several channels may be interleaved frame by frame")
        func interleavedContents() async throws {
            let client = try await WireClient.open()
            let first = try await client.openChannel(1)
            let second = try await client.openChannel(2)
            let queue = try await first.declareQueue()
            for channel in [first, second] { try await channel.beginContent(bodySize: 4, key: queue) }
            for part: [UInt8] in [[1, 2], [3, 4]] {
                try await first.sendBody(part)
                try await second.sendBody(part.map { $0 + 10 })
            }
            // The second channel's message is there first only if it was complete first; it was not.
            try await second.expectQuiet()
            let bodies = [try await first.getMessage(queue), try await first.getMessage(queue)].map(\.content.body)
            #expect(Set(bodies) == [[1, 2, 3, 4], [11, 12, 13, 14]])
        }

        @Test("an empty body frame is fine, before the body and in the middle of it")
        func emptyBodyFrames() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.beginContent(bodySize: 2, key: queue)
            for part: [UInt8] in [[], [1], [], [2]] { try await channel.sendBody(part) }
            #expect(try await channel.getMessage(queue).content.body == [1, 2])
        }

        @Test("an empty body needs no frame, and has none when delivered")
        func emptyBody() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.beginContent(bodySize: 0, key: queue)
            let content = try await channel.getMessage(queue).content
            #expect(content.body.isEmpty && content.bodyFrameCount == 0)
        }

        @Test("a body may be split at any place", arguments: [1, 2, 3, 7, 100, 255])
        func splitBody(partSize: Int) async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            let body = (0..<256).map { UInt8($0) }
            try await channel.beginContent(bodySize: UInt64(body.count), key: queue)
            for start in stride(from: 0, to: body.count, by: partSize) {
                try await channel.sendBody(Array(body[start..<min(start + partSize, body.count)]))
            }
            let content = try await channel.getMessage(queue).content
            #expect(content.body == body && content.bodyFrameCount == 1)
        }

        @Test("frames may arrive byte by byte")
        func byteByByte() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            let bytes = frames { buffer in
                buffer.appendMethodFrame(channel: 1, BasicPublish(routingKey: queue))
                ([0, 0] as [UInt8]).withUnsafeBytes {
                    buffer.appendContentHeader(channel: 1, bodySize: 3, properties: $0)
                }
            }
            for byte in bytes + frameBytes(3, on: 1, [1, 2, 3]) { try await channel.client.send([byte]) }
            #expect(try await channel.getMessage(queue).content.body == [1, 2, 3])
        }
    }
}
