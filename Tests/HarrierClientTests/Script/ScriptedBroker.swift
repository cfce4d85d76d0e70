import AMQPProtocol
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import HarrierClient

/// A broker that a test plays itself, on a socket and a clock that are not real: says what the client has sent, and
/// sends what the test wants.
final class ScriptedBroker {
    /// A frame that the client has sent.
    enum Sent: Equatable {
        case protocolHeader
        case method(channel: UInt16, Method)
        case header(bodyBytes: Int)
        case body([UInt8])
        case heartbeat
    }

    let connection: HarrierConnection
    let socket: NIOAsyncTestingChannel
    private var unread: [Sent] = []

    private init(connection: HarrierConnection, socket: NIOAsyncTestingChannel) {
        self.connection = connection
        self.socket = socket
    }

    /// A client that has connected a socket, and sent nothing but the protocol header.
    static func connected(_ configuration: ConnectionConfiguration = .init(host: "h")) async throws -> ScriptedBroker {
        let loop = NIOAsyncTestingEventLoop()
        let core = ConnectionCore(configuration: configuration, eventLoop: loop, logger: .silent)
        let socket = NIOAsyncTestingChannel(loop: loop)
        try await loop.executeInContext {
            let deadline = loop.now + .milliseconds(configuration.connectTimeoutMilliseconds)
            let handler = ConnectionHandler(
                core: core, frameBytesMax: configuration.frameBytesMax, handshakeDeadline: deadline)
            try socket.pipeline.syncOperations.addHandler(handler)
        }
        try await socket.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 5672)).get()
        let broker = ScriptedBroker(connection: HarrierConnection(core: core), socket: socket)
        #expect(try await broker.next() == .protocolHeader)
        return broker
    }

    /// A client whose connection is open.
    static func opened(
        _ configuration: ConnectionConfiguration = .init(host: "h"), frameMax: UInt32 = 131_072
    ) async throws -> ScriptedBroker {
        let broker = try await connected(configuration)
        try await broker.send(
            .connectionStart(ConnectionStart(mechanisms: Array("PLAIN".utf8), locales: Array("en_US".utf8))),
            channel: 0)
        _ = try await broker.next()
        try await broker.send(
            .connectionTune(
                ConnectionTune(channelMax: 10, frameMax: frameMax, heartbeat: configuration.heartbeatSeconds)),
            channel: 0)
        _ = try await broker.next()
        _ = try await broker.next()
        try await broker.send(.connectionOpenOk(ConnectionOpenOk()), channel: 0)
        return broker
    }

    /// A client whose connection is open, and a channel of it.
    static func withChannel(
        _ configuration: ConnectionConfiguration = .init(host: "h"), confirmWindow: Int = 1024,
        onReturn: (@Sendable (ReturnedMessage) -> Void)? = nil,
        _ body: (ScriptedBroker, HarrierChannel) async throws -> Void
    ) async throws {
        let broker = try await opened(configuration)
        let connection = broker.connection
        async let opening = connection.openChannel(confirmWindow: confirmWindow, onReturn: onReturn)
        #expect(try await broker.nextMethod() == .channelOpen(ChannelOpen()))
        try await broker.send(.channelOpenOk(ChannelOpenOk()))
        try await body(broker, try await opening)
        try? await broker.socket.close()
    }

    /// What the client sends next; waits for it.
    func next() async throws -> Sent {
        while unread.isEmpty {
            let bytes = try await socket.waitForOutboundWrite(as: ByteBuffer.self)
            try bytes.withUnsafeReadableBytes { try decode($0) }
        }
        return unread.removeFirst()
    }

    /// The method that the client sends next, on whatever channel.
    func nextMethod() async throws -> Method {
        guard case .method(_, let method) = try await next() else { throw NoMethod() }
        return method
    }

    struct NoMethod: Error {}

    private func decode(_ bytes: UnsafeRawBufferPointer) throws {
        guard !bytes.elementsEqual(Frame.protocolHeader) else { return unread.append(.protocolHeader) }
        // The client writes whole frames.
        var decoder = FrameDecoder(frameBytesMax: 1 << 20)
        var rest = bytes
        while let frame = try decoder.next(from: &rest) {
            switch frame.header.type {
            case .method: unread.append(.method(channel: frame.header.channel, try Method(decoding: frame.payload)))
            case .header:
                var reader = WireReader(frame.payload)
                try reader.skip(4)
                unread.append(.header(bodyBytes: Int(try reader.readUInt64())))
            case .body: unread.append(.body(Array(frame.payload)))
            case .heartbeat, nil: unread.append(.heartbeat)
            }
        }
    }

    func send(_ method: Method, channel: UInt16 = 1) async throws {
        try await send(ServerBytes.of { $0.method(method, channel: channel) })
    }

    /// A method with content.
    func send(_ method: Method, body: String, properties: BasicProperties = .init()) async throws {
        try await send(
            ServerBytes.of {
                $0.method(method)
                $0.content(Array(body.utf8), properties: properties)
            })
    }

    func send(_ bytes: [UInt8]) async throws {
        try await socket.writeInbound(ByteBuffer(bytes: bytes))
    }
}
