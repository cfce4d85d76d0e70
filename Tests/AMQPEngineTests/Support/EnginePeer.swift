import AMQPProtocol

@testable import AMQPEngine
@testable import Broker

/// The other end of a `ServerConnection`: does what a socket's handler does, with the bytes in hand.
final class EnginePeer: ConnectionTransport {
    private unowned let fixture: EngineFixture
    private(set) var connection: ServerConnection?
    /// What was presented and not taken yet.
    private var backlog: [UInt8] = []
    private var sent: [UInt8] = []
    private(set) var isClosed = false
    private var isResumeRequested = false

    init(_ fixture: EngineFixture) {
        self.fixture = fixture
        connection = ServerConnection(broker: fixture.core, transport: self, peer: Self.address)
    }

    private static let address = ConnectionPeer(
        host: "127.0.0.1", port: 50_000, localHost: "127.0.0.1", localPort: 5672, isTLS: false, isLoopback: true)

    // MARK: What the engine asks for

    func send(_ bytes: UnsafeRawBufferPointer) {
        precondition(!isClosed, "sent behind the end")
        sent += bytes
    }

    func close() {
        precondition(!isClosed, "closed twice")
        isClosed = true
    }

    func resumeReceiving() {
        isResumeRequested = true
    }

    // MARK: What a test does

    /// Presents the bytes in one burst, and whatever waits in further ones, until all are taken or no more are wanted.
    func send(_ bytes: [UInt8]) {
        present(bytes)
        settle()
    }

    /// Presents the bytes as a part of the burst that is under way.
    func present(_ bytes: [UInt8]) {
        guard let connection, !isClosed else { return }
        backlog += bytes
        guard connection.acceptsInput, !backlog.isEmpty else { return }
        let count = backlog.withUnsafeBytes { connection.receive($0) }
        precondition(count <= backlog.count, "took more than there was")
        backlog.removeFirst(count)
    }

    /// Ends the burst, and goes on with what had to wait.
    func settle() {
        repeat {
            isResumeRequested = false
            present([])
            fixture.settle()
        } while isResumeRequested
    }

    /// The socket is gone, and the consequences have been drawn.
    func drop() {
        lose()
        fixture.forget(self)
        fixture.settle()
    }

    /// The socket is gone.
    func lose() {
        connection?.transportClosed()
        connection = nil
        isClosed = true
        backlog = []
    }

    /// What was sent since the last call.
    func takeSent() -> [UInt8] {
        defer { sent = [] }
        return sent
    }

    /// The methods that were sent since the last call, with their channels; contents are passed over.
    func takeMethods() -> [(channel: UInt16, method: Method)] {
        var bytes = takeSent()[...]
        var methods: [(UInt16, Method)] = []
        while let header = bytes.withUnsafeBytes({ FrameHeader(peeking: $0) }) {
            precondition(bytes.count >= header.frameSize, "half a frame was sent")
            let payload = bytes.dropFirst(Frame.headerSize).prefix(header.payloadSize)
            if header.type == .method, let method = payload.withUnsafeBytes({ try? Method(decoding: $0) }) {
                methods.append((header.channel, method))
            }
            bytes = bytes.dropFirst(header.frameSize)
        }
        return methods
    }

    /// All that a client says up to connection.open, in one piece.
    static func handshake(heartbeatSeconds: UInt16 = 0, frameMax: UInt32 = 131_072) -> [UInt8] {
        wire { buffer in
            buffer.appendProtocolHeader()
            buffer.appendMethodFrame(
                channel: 0,
                ConnectionStartOk(
                    clientProperties: ["capabilities": .table(["consumer_cancel_notify": .boolean(true)])],
                    mechanism: "PLAIN", response: Array("\0guest\0guest".utf8)))
            buffer.appendMethodFrame(
                channel: 0, ConnectionTuneOk(channelMax: 2047, frameMax: frameMax, heartbeat: heartbeatSeconds))
            buffer.appendMethodFrame(channel: 0, ConnectionOpen(virtualHost: "/"))
        }
    }
}

/// The bytes that an encoder writes.
func wire(_ encode: (inout WireBuffer) -> Void) -> [UInt8] {
    var buffer = WireBuffer(capacity: 64)
    encode(&buffer)
    return Array(buffer.bytes)
}

/// A method frame.
func wire(_ method: some AMQPMethod, on channel: UInt16 = 1) -> [UInt8] {
    wire { $0.appendMethodFrame(channel: channel, method) }
}

/// A publish with content.
func wirePublish(
    _ body: [UInt8], to exchange: String = "", key: String, _ properties: BasicProperties = BasicProperties(),
    mandatory: Bool = false, on channel: UInt16 = 1, bodyPartSize: Int = 1000
) -> [UInt8] {
    let propertyBytes = wire { properties.encode(into: &$0) }
    return wire { buffer in
        buffer.appendMethodFrame(
            channel: channel, BasicPublish(exchange: exchange, routingKey: key, mandatory: mandatory))
        propertyBytes.withUnsafeBytes {
            buffer.appendContentHeader(channel: channel, bodySize: UInt64(body.count), properties: $0)
        }
        body.withUnsafeBytes {
            buffer.appendBody(channel: channel, $0, frameMax: bodyPartSize + Frame.overhead)
        }
    }
}
