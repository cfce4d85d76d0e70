import AMQPProtocol
import NIOCore
import NIOPosix
import Testing

/// A connection at the level of frames: it sends any bytes, and takes what comes in order, within a time limit.
/// Nothing is answered for the test except that heartbeats of the server are passed over.
///
/// For one task at a time. The socket is closed with the last reference.
final class WireClient {
    /// The socket ended where something was to come.
    struct Ended: Error {}
    /// Nothing came in time. The connection is of no use any more.
    struct TimedOut: Error {}

    /// Far more than any answer takes; only a test that fails waits for it.
    static let timeLimitSeconds: Int64 = 30

    let broker: BrokerUnderTest
    private let socket: any Channel
    private let arrivals: AsyncThrowingStream<ByteBuffer, any Error>.Continuation
    private var inbound: AsyncThrowingStream<ByteBuffer, any Error>.Iterator
    private var received = ByteBuffer()
    /// What the server offered in connection.tune, as it was taken.
    var frameMax = 131_072
    private(set) var heartbeatCount = 0

    private init(
        _ broker: BrokerUnderTest, _ socket: any Channel, _ stream: AsyncThrowingStream<ByteBuffer, any Error>,
        _ arrivals: AsyncThrowingStream<ByteBuffer, any Error>.Continuation
    ) {
        self.broker = broker
        self.socket = socket
        self.arrivals = arrivals
        inbound = stream.makeAsyncIterator()
    }

    deinit {
        socket.close(promise: nil)
    }

    /// Connects, and says nothing yet.
    static func connect(_ broker: BrokerUnderTest? = .current) async throws -> WireClient {
        let broker = try #require(broker, "no broker: the test stands outside of the suite Conformance")
        let (stream, arrivals) = AsyncThrowingStream.makeStream(of: ByteBuffer.self)
        let socket = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(timeLimitSeconds))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Arrivals(arrivals))
                }
            }
            .connect(host: broker.host, port: broker.port).get()
        return WireClient(broker, socket, stream, arrivals)
    }

    private final class Arrivals: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let continuation: AsyncThrowingStream<ByteBuffer, any Error>.Continuation

        init(_ continuation: AsyncThrowingStream<ByteBuffer, any Error>.Continuation) {
            self.continuation = continuation
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            continuation.yield(Self.unwrapInboundIn(data))
        }

        func channelInactive(context: ChannelHandlerContext) {
            continuation.finish()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            // A reset is an end like any other to the tests.
            continuation.finish()
            context.close(promise: nil)
        }
    }

    // MARK: Bytes

    /// An error in sending is not one of the test's: what the server said before it closed is still to be read.
    func send(_ bytes: [UInt8]) async throws {
        try? await socket.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    /// Waits until that many bytes are there.
    private func fill(_ count: Int) async throws {
        let arrivals = arrivals
        let alarm = socket.eventLoop.scheduleTask(in: .seconds(Self.timeLimitSeconds)) {
            arrivals.finish(throwing: TimedOut())
        }
        defer { alarm.cancel() }
        while received.readableBytes < count {
            guard var more = try await inbound.next(isolation: nil) else { throw Ended() }
            received.writeBuffer(&more)
        }
    }

    func receive(_ count: Int) async throws -> [UInt8] {
        try await fill(count)
        return received.readBytes(length: count) ?? []
    }

    /// Takes what comes until the server closes the socket.
    func receiveToEnd() async throws -> [UInt8] {
        do {
            try await fill(.max)
        } catch is Ended {}
        return received.readBytes(length: received.readableBytes) ?? []
    }

    /// Closes the socket without a word, as a client that has crashed.
    func drop() async throws {
        try? await socket.close()
    }

    // MARK: Frames

    func send(_ method: some AMQPMethod, on channel: UInt16 = 0) async throws {
        try await send(frames { $0.appendMethodFrame(channel: channel, method) })
    }

    func sendFrame(
        _ type: UInt8, on channel: UInt16 = 0, _ payload: [UInt8] = [], end: UInt8 = Frame.end
    ) async throws {
        try await send(frameBytes(type, on: channel, payload, end: end))
    }

    func sendHeartbeat() async throws {
        try await send(frames { $0.appendHeartbeat() })
    }

    /// The next frame that is not a heartbeat.
    func nextFrame() async throws -> ReceivedFrame {
        while true {
            let frame = try await nextFrameOfAnyType()
            guard frame.type == .heartbeat else { return frame }
            heartbeatCount += 1
        }
    }

    func nextFrameOfAnyType() async throws -> ReceivedFrame {
        let front = try await receive(Frame.headerSize)
        guard let header = front.withUnsafeBytes({ FrameHeader(peeking: $0) }) else { throw Ended() }
        let rest = try await receive(header.payloadSize + 1)
        #expect(rest.last == Frame.end, "a frame that does not end in the end octet")
        #expect(header.frameSize <= frameMax, "a frame larger than frame-max")
        return ReceivedFrame(type: header.type, channel: header.channel, payload: rest.dropLast())
    }

    /// The next frame, which has to hold this method.
    @discardableResult
    func next<Arguments: AMQPMethod>(
        _ type: Arguments.Type, on channel: UInt16 = 0, at location: SourceLocation = #_sourceLocation
    ) async throws -> Arguments {
        let frame = try await nextFrame()
        #expect(frame.channel == channel, "\(frame)", sourceLocation: location)
        return try #require(
            frame.method?.arguments(as: type), "expected \(type), got \(frame)", sourceLocation: location)
    }

    /// Sends a method and takes its answer.
    @discardableResult
    func call<Answer: AMQPMethod>(
        _ request: some AMQPMethod, on channel: UInt16 = 0, _ answer: Answer.Type,
        at location: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        try await send(request, on: channel)
        return try await next(answer, on: channel, at: location)
    }
}

/// The bytes that an encoder writes.
func frames(_ encode: (inout WireBuffer) -> Void) -> [UInt8] {
    var buffer = WireBuffer(capacity: 64)
    encode(&buffer)
    return Array(buffer.bytes)
}

/// A frame made by hand, sound or not.
func frameBytes(
    _ type: UInt8, on channel: UInt16 = 0, _ payload: [UInt8] = [], end: UInt8 = Frame.end
) -> [UInt8] {
    frames { buffer in
        buffer.append(type)
        buffer.append(channel)
        buffer.append(UInt32(payload.count))
        buffer.append(payload)
        buffer.append(end)
    }
}
