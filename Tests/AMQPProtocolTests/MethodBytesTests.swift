import AMQPProtocol
import Testing

/// Bytes worked out by hand from the specification, so that encoder and decoder cannot be wrong together.
@Suite struct MethodBytesTests {
    static let samples: [(method: Method, hex: String)] = [
        (
            .connectionTune(ConnectionTune(channelMax: 2047, frameMax: 131_072, heartbeat: 60)),
            "000A001E 07FF 00020000 003C"
        ),
        (
            .connectionStartOk(
                ConnectionStartOk(
                    clientProperties: ["p": .string("x")], mechanism: "PLAIN", response: [0, 0x67, 0, 0x67],
                    locale: "en_US")),
            "000A000B 00000008 0170 53 00000001 78 05 504C41494E 00000004 00670067 05 656E5F5553"
        ),
        (.connectionOpen(ConnectionOpen(virtualHost: "/")), "000A0028 012F 00 00"),
        (
            .connectionClose(ConnectionClose(replyCode: .notFound, replyText: "x", classID: 50, methodID: 10)),
            "000A0032 0194 0178 0032 000A"
        ),
        (
            .connectionUpdateSecret(ConnectionUpdateSecret(newSecret: [1, 2], reason: "r")),
            "000A0046 00000002 0102 0172"
        ),
        (.channelOpen(ChannelOpen()), "0014000A 00"),
        (.channelOpenOk(ChannelOpenOk()), "0014000B 00000000"),
        (.channelFlow(ChannelFlow(active: true)), "00140014 01"),
        (
            .exchangeDeclare(
                ExchangeDeclare(
                    exchange: "x", type: "topic", durable: true, internal: true, noWait: true,
                    arguments: ["a": .boolean(true)])),
            "0028000A 0000 0178 05746F706963 1A 00000004 0161 7401"
        ),
        (.exchangeUnbindOk(ExchangeUnbindOk()), "00280033"),
        (.queueDeclare(QueueDeclare(queue: "q", durable: true)), "0032000A 0000 0171 02 00000000"),
        (.queueDelete(QueueDelete(queue: "q", ifEmpty: true)), "00320028 0000 0171 02"),
        (.basicQos(BasicQos(prefetchCount: 250, global: true)), "003C000A 00000000 00FA 01"),
        (
            .basicConsume(BasicConsume(queue: "q", consumerTag: "t", noAck: true, exclusive: true)),
            "003C0014 0000 0171 0174 06 00000000"
        ),
        (.basicPublish(BasicPublish(routingKey: "hello", mandatory: true)), "003C0028 0000 00 0568656C6C6F 01"),
        (.basicGetEmpty(BasicGetEmpty()), "003C0048 00"),
        (.basicAck(BasicAck(deliveryTag: 5, multiple: true)), "003C0050 0000000000000005 01"),
        (.basicNack(BasicNack(deliveryTag: 1, requeue: true)), "003C0078 0000000000000001 02"),
        (.confirmSelect(ConfirmSelect()), "0055000A 00"),
        (.txSelect(TxSelect()), "005A000A"),
    ]

    @Test(arguments: 0..<samples.count) func isWrittenAndReadAsBytesSay(index: Int) {
        let (method, hex) = Self.samples[index]
        let bytes = [UInt8](hex: hex)
        #expect(encoded { method.encode(into: &$0) } == bytes)
        #expect(bytes.decode(Method.init(decoding:)) == .success(method))
    }

    /// Peers may set what we write as zero.
    @Test func reservedFieldsAreSkipped() {
        // queue.declare with ticket 0x1234; connection.open with capabilities "c" and insist.
        let declare = [UInt8](hex: "0032000A 1234 0171 02 00000000")
        #expect(
            declare.decode(Method.init(decoding:)) == .success(.queueDeclare(QueueDeclare(queue: "q", durable: true))))
        let open = [UInt8](hex: "000A0028 012F 0163 01")
        #expect(open.decode(Method.init(decoding:)) == .success(.connectionOpen(ConnectionOpen(virtualHost: "/"))))
    }
}
