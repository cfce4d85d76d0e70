import AMQPProtocol
import Broker
import BrokerServer
import Testing

extension Conformance {
    /// From the first byte to the first channel.
    @Suite struct Handshake {
        // MARK: Protocol header

        @Test(
            "a protocol header other than AMQP 0-9-1 is answered with that one, and the socket closed",
            arguments: [
                Array("HTTP/1.1".utf8), Array("GET / HT".utf8), Array("AMQP".utf8) + [0, 0, 9, 0],
                Array("AMQP".utf8) + [2, 0, 9, 1], [0, 0, 0, 0, 0, 0, 0, 0],
            ])
        func foreignProtocolHeader(header: [UInt8]) async throws {
            let client = try await WireClient.connect()
            try await client.send(header)
            #expect(try await client.receiveToEnd() == Frame.protocolHeader)
        }

        @Test("nothing is sent before the protocol header is complete")
        func headerInPieces() async throws {
            let client = try await WireClient.connect()
            for byte in Frame.protocolHeader { try await client.send([byte]) }
            try await client.next(ConnectionStart.self)
        }

        @Test("no header within the handshake timeout: the socket is closed", .ownServer)
        func handshakeTimeout() async throws {
            try await BrokerUnderTest.withServer {
                $0.broker.handshakeTimeoutMilliseconds = 500
            } _: { broker in
                let silent = try await WireClient.connect(broker)
                #expect(try await silent.receiveToEnd().isEmpty)
                let slow = try await WireClient.connect(broker)
                // On a busy machine the time may be over before the login is.
                do { try await slow.logIn() } catch is WireClient.Ended { return }
                try await slow.expectEnd()
            }
        }

        // MARK: connection.start

        @Test("start offers PLAIN and AMQPLAIN, en_US, and no EXTERNAL without a client certificate")
        func start() async throws {
            let client = try await WireClient.connect()
            let start = try await client.begin()
            #expect(start.versionMajor == 0 && start.versionMinor == 9)
            let mechanisms = String(decoding: start.mechanisms, as: UTF8.self).split(separator: " ")
            #expect(Set(mechanisms) == ["PLAIN", "AMQPLAIN"])
            #expect(String(decoding: start.locales, as: UTF8.self) == "en_US")
        }

        @Test(
            "start tells what the server can",
            arguments: [
                "publisher_confirms", "exchange_exchange_bindings", "basic.nack", "consumer_cancel_notify",
                "connection.blocked", "consumer_priorities", "authentication_failure_close", "per_consumer_qos",
                "direct_reply_to",
            ])
        func capability(name: String) async throws {
            let client = try await WireClient.connect()
            let start = try await client.begin()
            #expect(start.serverProperties["capabilities"]?.tableValue?[name]?.booleanValue == true)
            #expect(start.serverProperties["product"]?.stringValue == "RabbitMQ")
        }

        // MARK: Virtual host

        @Test("an unknown vhost is 530")
        func unknownVirtualHost() async throws {
            let client = try await WireClient.connect()
            try await client.logIn()
            try await client.tune()
            try await client.send(ConnectionOpen(virtualHost: "no-such-vhost"))
            try await client.expectClose(
                .notAllowed, "NOT_ALLOWED - vhost no-such-vhost not found", cause: .connectionOpen)
        }

        // MARK: Order

        @Test("channel.open before connection.open never gets through")
        func channelBeforeOpen() async throws {
            let client = try await WireClient.connect()
            try await client.logIn()
            try await client.tune()
            try await client.send(ChannelOpen(), on: 1)
            try await client.expectRefusedHandshake()
        }

        @Test("connection.open in place of start-ok never gets through")
        func openBeforeStartOk() async throws {
            let client = try await WireClient.connect()
            try await client.begin()
            try await client.send(ConnectionOpen(virtualHost: client.broker.virtualHost))
            try await client.expectRefusedHandshake()
        }

        @Test("connection.open in place of tune-ok never gets through")
        func openBeforeTuneOk() async throws {
            let client = try await WireClient.connect()
            try await client.logIn()
            try await client.send(ConnectionOpen(virtualHost: client.broker.virtualHost))
            try await client.expectRefusedHandshake()
        }

        @Test("start-ok once more after login never gets through")
        func startOkTwice() async throws {
            let client = try await WireClient.connect()
            try await client.logIn()
            try await client.startOk(user: client.broker.user, password: client.broker.password)
            try await client.expectRefusedHandshake()
        }

        @Test("the whole handshake may come in one piece ahead of the server's answers")
        func pipelined() async throws {
            let client = try await WireClient.connect()
            let plain = Array("\0\(client.broker.user)\0\(client.broker.password)".utf8)
            try await client.send(
                frames { buffer in
                    buffer.appendProtocolHeader()
                    buffer.appendMethodFrame(channel: 0, ConnectionStartOk(mechanism: "PLAIN", response: plain))
                    buffer.appendMethodFrame(
                        channel: 0, ConnectionTuneOk(channelMax: 2047, frameMax: 131_072, heartbeat: 0))
                    buffer.appendMethodFrame(channel: 0, ConnectionOpen(virtualHost: client.broker.virtualHost))
                    buffer.appendMethodFrame(channel: 1, ChannelOpen())
                })
            try await client.next(ConnectionStart.self)
            try await client.next(ConnectionTune.self)
            try await client.next(ConnectionOpenOk.self)
            try await client.next(ChannelOpenOk.self, on: 1)
        }

        @Test("connection.close is answered at any point of the handshake", .harrierOnly("RabbitMQ just hangs up"))
        func closeDuringHandshake() async throws {
            let client = try await WireClient.connect()
            try await client.logIn()
            try await client.close()
        }
    }
}
