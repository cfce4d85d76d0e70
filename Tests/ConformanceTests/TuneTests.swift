import AMQPProtocol
import Testing

extension Conformance {
    /// What is negotiated, and that it is kept. The limits in the texts are RabbitMQ's defaults, which are ours as well.
    @Suite struct Tune {
        @Test("the server offers 2047 channels, frames of 128 KiB and heartbeats of 60 s")
        func offer() async throws {
            let client = try await WireClient.connect()
            let tune = try await client.logIn()
            #expect(tune == ConnectionTune(channelMax: 2047, frameMax: 131_072, heartbeat: 60))
        }

        @Test(
            "a frame-max under 4096, over the server's, or without a limit is 530",
            arguments: [
                (4095, "4095 is lower than the minimum allowed value (4096)"),
                (1, "1 is lower than the minimum allowed value (4096)"),
                (131_073, "131073 is higher than the maximum allowed value (131072)"),
                (UInt32.max, "4294967295 is higher than the maximum allowed value (131072)"),
                (0, "0 (no limit) is higher than the maximum allowed value (131072)"),
            ])
        func frameMaxOutOfRange(frameMax: UInt32, text: String) async throws {
            let client = try await WireClient.connect()
            try await client.logIn()
            try await client.send(ConnectionTuneOk(channelMax: 2047, frameMax: frameMax, heartbeat: 0))
            let close = try await client.expectRefusedHandshake()
            expect(close, "NOT_ALLOWED - negotiated frame_max = \(text)")
        }

        @Test(
            "a channel-max over the server's or without a limit is 530",
            arguments: [
                (2048, "2048 is higher than the maximum allowed value (2047)"),
                (0, "0 (no limit) is higher than the maximum allowed value (2047)"),
            ])
        func channelMaxOutOfRange(channelMax: UInt16, text: String) async throws {
            let client = try await WireClient.connect()
            try await client.logIn()
            try await client.send(ConnectionTuneOk(channelMax: channelMax, frameMax: 131_072, heartbeat: 0))
            let close = try await client.expectRefusedHandshake()
            expect(close, "NOT_ALLOWED - negotiated channel_max = \(text)")
        }

        /// RabbitMQ hangs up and writes this into its log.
        private func expect(_ close: ConnectionClose?, _ text: String) {
            guard !BrokerUnderTest.isForeign else { return }
            #expect(close?.replyCode == .notAllowed && close?.replyText == text)
        }

        @Test("more channels than negotiated are 530")
        func tooManyChannels() async throws {
            let client = try await WireClient.open(channelMax: 3)
            for number in 1...3 { _ = try await client.openChannel(UInt16(number)) }
            try await client.send(ChannelOpen(), on: 4)
            try await client.expectClose(
                .notAllowed,
                "NOT_ALLOWED - number of channels opened (3) has reached the negotiated channel_max (3)",
                // RabbitMQ does not say which method it was.
                cause: BrokerUnderTest.isForeign ? .none : .channelOpen)
        }

        @Test("a closed channel makes room for another")
        func channelsAreCounted() async throws {
            let client = try await WireClient.open(channelMax: 1)
            for _ in 0..<5 { try await client.openChannel().close() }
            try await client.expectAlive()
        }

        @Test("at frame-max 4096 large bodies come in frames of 4096 bytes")
        func smallestFrameMax() async throws {
            let client = try await WireClient.open(frameMax: 4096)
            let channel = try await client.openChannel()
            let queue = try await channel.declareQueue()
            let body = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try await channel.publish(body, key: queue)
            let content = try await channel.getMessage(queue).content
            #expect(content.body == body)
            // 4088 bytes and 8 around them; WireClient checks that no frame is larger.
            #expect(content.bodyFrameCount == 3)
        }

        @Test("a frame whose payload alone is as large as frame-max is taken, one byte more is not")
        func frameMaxIsGenerous() async throws {
            let client = try await WireClient.open(frameMax: 4096)
            let channel = try await client.openChannel()
            let queue = try await channel.declareQueue()
            try await channel.beginContent(bodySize: 4096, key: queue)
            try await client.sendFrame(3, on: 1, [UInt8](repeating: 7, count: 4096))
            #expect(try await channel.getMessage(queue).content.body.count == 4096)
            try await channel.beginContent(bodySize: 4097, key: queue)
            // Only the header of the frame: it is refused before its payload is there.
            try await client.send([3, 0, 1, 0, 0, 0x10, 0x01])
            try await client.expectFrameError(.frameError)
        }
    }
}
