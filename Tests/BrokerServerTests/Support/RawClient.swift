import AMQPProtocol
import NIOCore
import NIOPosix
import NIOSSL

/// A socket to a server under test, and just enough AMQP to see what comes.
struct RawClient {
    /// The connection ended where something was to come.
    struct Ended: Error {}

    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var received: [UInt8] = []

    /// Connects, runs the body, and closes.
    static func with<Result: Sendable>(
        port: Int,
        tls: TLSConfiguration? = nil,
        _ body: (inout RawClient) async throws -> Result
    ) async throws -> Result {
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        let handler = try NIOSSLClientHandler(context: context, serverHostname: "localhost")
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var client = RawClient(inbound: inbound.makeAsyncIterator(), outbound: outbound)
            return try await body(&client)
        }
    }

    private init(
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.inbound = inbound
        self.outbound = outbound
    }

    // MARK: Bytes

    func send(_ bytes: [UInt8]) async throws {
        try await outbound.write(ByteBuffer(bytes: bytes))
    }

    /// Nothing more will be sent; what the server says is still read.
    func endSending() {
        outbound.finish()
    }

    mutating func receive(_ count: Int) async throws -> [UInt8] {
        while received.count < count {
            guard let more = try await inbound.next() else { throw Ended() }
            received += Array(more.readableBytesView)
        }
        defer { received.removeFirst(count) }
        return Array(received.prefix(count))
    }

    /// What comes until the server closes its side.
    mutating func receiveToEnd() async throws -> [UInt8] {
        while let more = try await inbound.next() { received += Array(more.readableBytesView) }
        defer { received = [] }
        return received
    }

    // MARK: AMQP

    func send(_ method: some AMQPMethod, channel: UInt16 = 0) async throws {
        try await send(Self.frame(method, channel: channel))
    }

    static func frame(_ method: some AMQPMethod, channel: UInt16 = 0) -> [UInt8] {
        var buffer = WireBuffer()
        buffer.appendMethodFrame(channel: channel, method)
        return Array(buffer.bytes)
    }

    mutating func receiveMethod() async throws -> Method {
        let front = try await receive(Frame.headerSize)
        guard let header = front.withUnsafeBytes({ FrameHeader(peeking: $0) }) else { throw Ended() }
        let payload = try await receive(header.payloadSize + 1)
        return try payload.dropLast().withUnsafeBytes { try Method(decoding: $0) }
    }

    /// Everything from the protocol header to open-ok.
    mutating func open(
        mechanism: String = "PLAIN", response: [UInt8] = Array("\0guest\0guest".utf8), virtualHost: String = "/"
    ) async throws {
        try await send(Frame.protocolHeader)
        _ = try await receiveMethod()
        try await send(ConnectionStartOk(mechanism: mechanism, response: response))
        _ = try await receiveMethod()
        try await send(ConnectionTuneOk(channelMax: 2047, frameMax: 131_072, heartbeat: 0))
        try await send(ConnectionOpen(virtualHost: virtualHost))
        guard case .connectionOpenOk = try await receiveMethod() else { throw Ended() }
    }
}
