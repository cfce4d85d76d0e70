import AMQPProtocol
import SeededRandom
import TestSeeds
import Testing

@Suite struct PropertiesTests {
    @Test func randomPropertiesComeBackAsTheyWere() {
        var random = SeededGenerator()
        for _ in 0..<500 {
            let properties = random.properties()
            let bytes = encoded { properties.encode(into: &$0) }
            #expect(bytes.decode(BasicProperties.init(decoding:)) == .success(properties))
        }
    }

    @Test func theViewReadsWhatTheValueReads() throws {
        var random = SeededGenerator()
        for _ in 0..<500 {
            let properties = random.properties()
            try encoded { properties.encode(into: &$0) }.withUnsafeBytes { bytes in
                let view = try PropertiesView(validating: bytes)
                #expect(view.headers?.decoded() == properties.headers)
                #expect(view.deliveryMode == properties.deliveryMode)
                #expect(view.priority == properties.priority)
                #expect(view.replyTo.map { String(decoding: $0, as: UTF8.self) } == properties.replyTo)
                #expect(view.expiration.map { String(decoding: $0, as: UTF8.self) } == properties.expiration)
                #expect(view.messageID.map { String(decoding: $0, as: UTF8.self) } == properties.messageID)
                #expect(view.timestamp == properties.timestamp)
                #expect(view.userID.map { String(decoding: $0, as: UTF8.self) } == properties.userID)
                #expect(view.isPersistent == (properties.deliveryMode == 2))
            }
        }
    }

    @Test func bytesByHand() {
        let all = BasicProperties(
            contentType: "a", contentEncoding: "b", headers: ["h": .void], deliveryMode: 2, priority: 9,
            correlationID: "c", replyTo: "d", expiration: "60", messageID: "m", timestamp: 7, type: "t", userID: "u",
            appID: "i", clusterID: "k")
        let hex = """
            FFFC 0161 0162 00000003 016856 02 09 0163 0164 023630 016D 0000000000000007 0174 0175 0169 016B
            """
        #expect(encoded { all.encode(into: &$0) } == [UInt8](hex: hex))
        #expect(
            encoded { BasicProperties(contentType: "a", deliveryMode: 2).encode(into: &$0) } == [0x90, 0, 1, 0x61, 2])
        #expect(encoded { BasicProperties().encode(into: &$0) } == [0, 0])
    }

    @Test func everyTruncationIsNoticed() {
        var random = SeededGenerator()
        for _ in 0..<50 {
            let properties = random.properties()
            let bytes = encoded { properties.encode(into: &$0) }
            for length in 0..<bytes.count {
                let cut = Array(bytes[..<length])
                #expect(cut.decode(BasicProperties.init(decoding:)) == .failure(.truncated))
                #expect(cut.decode(PropertiesView.init(validating:)).failure == .truncated)
            }
        }
    }

    @Test(arguments: [
        // Bit 1 has no property, in the first word or behind a continuation; more flags announced but not there;
        // bytes left over; an unknown type deep in the headers.
        ("0002", WireError.unknownProperty),
        ("0001 8000", .unknownProperty),
        ("8001 0002 0161", .unknownProperty),
        ("0001", .truncated),
        ("8000 0161 00", .trailingBytes),
        ("2000 0000000B 0168 46 00000004 0169 5A 00", .unknownFieldType(0x5A)),
    ])
    func whatIsRefused(hex: String, error: WireError) {
        let bytes = [UInt8](hex: hex)
        #expect(bytes.decode(BasicProperties.init(decoding:)) == .failure(error))
        #expect(bytes.decode(PropertiesView.init(validating:)).failure == error)
    }

    @Test func furtherFlagsMayFollowIfTheyAreEmpty() {
        let bytes = [UInt8](hex: "8001 0001 0000 0161")
        #expect(bytes.decode(BasicProperties.init(decoding:)) == .success(BasicProperties(contentType: "a")))
        #expect(bytes.decode(PropertiesView.init(validating:)).isSuccess)
    }

    @Test func textThatIsNotUTF8IsRepaired() {
        let broken = [UInt8](hex: "0400 01FF")
        #expect(broken.decode(BasicProperties.init(decoding:)) == .success(BasicProperties(correlationID: "\u{FFFD}")))
    }
}
