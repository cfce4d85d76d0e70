import AMQPProtocol
import Testing

@Suite struct FrameTests {
    @Test func headerIsReadWhenItIsAllThere() throws {
        let bytes = [UInt8](hex: "03 0102 00010000 FF")
        for length in 0..<7 {
            #expect(Array(bytes[..<length]).withUnsafeBytes { FrameHeader(peeking: $0) } == nil)
        }
        let header = try #require(bytes.withUnsafeBytes { FrameHeader(peeking: $0) })
        #expect(header.type == .body)
        #expect(header.channel == 0x0102)
        #expect(header.payloadSize == 65_536)
        #expect(header.frameSize == 65_544)
    }

    @Test func unknownTypesAndHugeSizesAreReported() throws {
        let bytes = [UInt8](hex: "04 0000 FFFFFFFF")
        let header = try #require(bytes.withUnsafeBytes { FrameHeader(peeking: $0) })
        #expect(header.type == nil)
        #expect(header.typeOctet == 4)
        #expect(header.payloadSize == 4_294_967_295)
    }

    @Test func framesByHand() {
        #expect(
            encoded { $0.appendMethodFrame(channel: 1, TxSelect()) } == [UInt8](hex: "01 0001 00000004 005A000A CE"))
        #expect(
            encoded { $0.appendMethodFrame(channel: 258, .channelFlow(ChannelFlow(active: true))) }
                == [UInt8](hex: "01 0102 00000005 00140014 01 CE"))
        #expect(encoded { $0.appendHeartbeat() } == [UInt8](hex: "08 0000 00000000 CE"))
        #expect(encoded { $0.appendProtocolHeader() } == Array("AMQP".utf8) + [0, 0, 9, 1])
        [UInt8](hex: "8000 0161").withUnsafeBytes { properties in
            let frame = encoded { $0.appendContentHeader(channel: 1, bodySize: 1 << 32, properties: properties) }
            #expect(frame == [UInt8](hex: "02 0001 00000010 003C 0000 0000000100000000 8000 0161 CE"))
        }
    }

    @Test func bothFormsOfAMethodMakeTheSameFrame() {
        let ack = BasicAck(deliveryTag: 9, multiple: true)
        #expect(
            encoded { $0.appendMethodFrame(channel: 3, ack) }
                == encoded { $0.appendMethodFrame(channel: 3, .basicAck(ack)) })
    }

    @Test(arguments: [(0, [Int]()), (1, [1]), (4, [4]), (5, [4, 1]), (8, [4, 4]), (9, [4, 4, 1])])
    func bodiesAreSplit(size: Int, payloadSizes: [Int]) throws {
        let body = (0..<size).map { UInt8($0) }
        var frames = encoded { buffer in
            body.withUnsafeBytes { buffer.appendBody(channel: 7, $0, frameMax: 12) }
        }
        var sizes: [Int] = []
        var collected: [UInt8] = []
        while !frames.isEmpty {
            let header = try #require(frames.withUnsafeBytes { FrameHeader(peeking: $0) })
            #expect(header.type == .body && header.channel == 7)
            #expect(frames[header.frameSize - 1] == Frame.end)
            sizes.append(header.payloadSize)
            collected += frames[7..<7 + header.payloadSize]
            frames.removeFirst(header.frameSize)
        }
        #expect(sizes == payloadSizes)
        #expect(collected == body)
    }
}
