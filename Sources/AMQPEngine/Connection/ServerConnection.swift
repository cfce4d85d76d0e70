import AMQPProtocol
import Broker
import Logging
import SegmentLog

/// The server's side of an AMQP 0-9-1 connection, sans I/O: bytes go in by `receive`, bytes come out through the
/// transport at the end of a burst. Owned and called by the core's loop only.
public final class ServerConnection: ClientConnection, PageWaiter {
    /// Frames up to this size are taken before a size has been negotiated: client properties and credentials.
    private static let handshakeFrameBytesMax = 128 << 10
    /// Deliveries stop when so much output waits for the end of the burst, in bytes.
    private static let deliveryBytesMax = 1 << 20
    /// Nothing more is read, and replies to requests are dropped, when so much output waits for the end of the burst or
    /// for a peer that does not read, in bytes. One message may come on top.
    private static let outputBytesMax = 16 << 20

    public let peer: ConnectionPeer
    let transport: any ConnectionTransport
    var logger: Logger

    @exclusivity(unchecked) var phase = ConnectionPhase.awaitingProtocolHeader
    @exclusivity(unchecked) var output = WireBuffer(capacity: 512)
    /// Whether the socket takes output. While it does not, the output stays here, where its size is known.
    @exclusivity(unchecked) private var isWritable = true
    /// A consumer was refused because of the socket or the output's size: all are asked again when that changes.
    @exclusivity(unchecked) var isDeliveryLimited = false

    var channels: [UInt16: ServerChannel] = [:]
    /// The channel of the last frame, since frames of one channel come in rows.
    @exclusivity(unchecked) var lastChannel: ServerChannel?
    @exclusivity(unchecked) var channelsAwaitingConfirm: [ServerChannel] = []
    /// Those whose confirms are being sent; empty at other times, kept for its storage.
    @exclusivity(unchecked) private var channelsConfirming: [ServerChannel] = []

    var capabilities = ClientCapabilities()
    var clientProperties = FieldTable()
    var user: User?
    var session: Session?
    /// How many channels may be open; 0 for any number.
    var channelMax: UInt16
    /// The size of the largest frame that either side sends, in bytes.
    @exclusivity(unchecked) var frameBytesMax: Int
    var heartbeatSeconds: UInt16 = 0
    /// When the heartbeats are looked at next; a timer that fires earlier was another's.
    var nextHeartbeatNanoseconds: UInt64 = 0
    @exclusivity(unchecked) var lastReceivedNanoseconds: UInt64
    var lastSentNanoseconds: UInt64
    let handshakeDeadlineNanoseconds: UInt64
    var closingDeadlineNanoseconds = UInt64.max
    /// A publish has met a resource alarm: nothing more is read until that is over.
    @exclusivity(unchecked) private var isBlocked = false

    /// A reply that must wait until the log is durable up to a position. Nothing more is read until then, so that
    /// replies keep their order.
    struct DurableReply {
        let channel: UInt16
        let method: Method
        let position: LogPosition
    }
    @exclusivity(unchecked) var durableReply: DurableReply?
    /// A basic.get whose message is not in memory. It is done again when it is; nothing more is read until then.
    @exclusivity(unchecked) private var awaitedGet: (channel: UInt16, method: BasicGet)?
    /// The turn's share of work is done: what is left of the input waits for the next one.
    @exclusivity(unchecked) private var hasYielded = false

    /// Whether the log says that the connection is open.
    var isOpenInLog = false

    /// The method under way: a close names it as its cause.
    @exclusivity(unchecked) var currentMethod = MethodID.none

    public init(broker: BrokerCore, transport: any ConnectionTransport, peer: ConnectionPeer) {
        self.peer = peer
        self.transport = transport
        self.channelMax = broker.configuration.channelMax
        self.frameBytesMax = Self.handshakeFrameBytesMax
        self.lastReceivedNanoseconds = broker.nowNanoseconds
        self.lastSentNanoseconds = broker.nowNanoseconds
        self.handshakeDeadlineNanoseconds =
            broker.nowNanoseconds + broker.configuration.handshakeTimeoutMilliseconds * 1_000_000
        self.logger = broker.logger
        super.init(core: broker)
        logger[metadataKey: "connection"] = "\(peer.name)"
        core.register(self)
        core.schedule(self, atNanoseconds: handshakeDeadlineNanoseconds)
    }

    /// Whether the transport should read on. When this turns true again, the transport is told by `resumeReceiving`.
    public var acceptsInput: Bool {
        phase != .open
            || (durableReply == nil && awaitedGet == nil && !isBlocked && !hasYielded && !isOutputFull)
    }

    // MARK: Bytes in

    /// Takes what arrived. One walk over the bytes; the caller ends the burst afterwards.
    ///
    /// - Returns: how many bytes were used. The rest (part of a frame, or all that follows an operation which has to
    ///   wait for the disk) must be presented again, with more behind it or after `resumeReceiving`.
    public func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        lastReceivedNanoseconds = core.nowNanoseconds
        var offset = 0
        if phase == .awaitingProtocolHeader {
            guard bytes.count >= Frame.protocolHeader.count else { return 0 }
            receiveProtocolHeader(UnsafeRawBufferPointer(rebasing: bytes.prefix(Frame.protocolHeader.count)))
            offset = Frame.protocolHeader.count
        }
        while acceptsInput {
            if phase == .awaitingEnd || phase == .closed { return bytes.count }
            if let channel = lastChannel, phase == .open {
                offset += channel.receiveRow(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
                if yieldsTurn() { break }
            }
            let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
            let header: FrameHeader
            do throws(AMQPException) {
                guard let whole = try wholeFrame(at: rest) else { break }
                header = whole
            } catch {
                refuse(error, channel: 0)
                awaitEnd()
                return bytes.count
            }
            offset += header.frameSize
            do throws(AMQPException) {
                try receive(header, UnsafeRawBufferPointer(rebasing: rest[Frame.headerSize..<header.frameSize - 1]))
            } catch {
                refuse(error, channel: header.channel)
            }
            _ = yieldsTurn()
        }
        return offset
    }

    /// Leaves what follows for the next turn if this one has done its share of work.
    private func yieldsTurn() -> Bool {
        guard core.isTurnSpent else { return false }
        if !hasYielded {
            hasYielded = true
            yieldTurn()
        }
        return true
    }

    public override func timerFired(nowNanoseconds: UInt64) {
        look(atNanoseconds: nowNanoseconds)
    }

    public override func turnBegan() {
        hasYielded = false
        transport.resumeReceiving()
    }

    /// The header of the frame that the bytes begin with; `nil` if it is not all there yet.
    ///
    /// - Throws: 501 for what is no frame, by the header alone if that tells. Where the next one begins cannot be known
    ///   after that.
    private func wholeFrame(at bytes: UnsafeRawBufferPointer) throws(AMQPException) -> FrameHeader? {
        guard let header = FrameHeader(peeking: bytes) else { return nil }
        guard header.type != nil else {
            throw unprovoked(.frameError, "unknown frame type \(header.typeOctet)")
        }
        // RabbitMQ lets the payload alone be as long as frame-max, for clients that don't count the overhead.
        guard header.payloadSize <= frameBytesMax else {
            throw unprovoked(
                .frameError,
                "type \(header.typeOctet), channel \(header.channel): frame size \(header.payloadSize) "
                    + "is larger than the negotiated frame_max \(frameBytesMax)")
        }
        guard bytes.count >= header.frameSize else { return nil }
        let end = bytes[header.frameSize - 1]
        guard end == Frame.end else {
            throw unprovoked(.frameError, "frame end is \(end), not \(Frame.end)")
        }
        return header
    }

    private func receive(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer) throws(AMQPException) {
        if phase == .awaitingCloseOk {
            receiveWhileClosing(header, payload)
            return
        }
        switch header.type {
        case .heartbeat?:
            guard header.channel == 0 else {
                throw unprovoked(.unexpectedFrame, "heartbeat frame on channel \(header.channel)")
            }
            guard payload.isEmpty else { throw unprovoked(.frameError, "heartbeat frame with a payload") }
        case let type?:
            if header.channel == 0 {
                guard type == .method else {
                    throw unprovoked(.unexpectedFrame, "expected a method frame on channel 0, got a \(type) frame")
                }
                try receiveConnectionMethod(payload)
            } else {
                guard phase == .open else {
                    throw unprovoked(
                        .channelError, "unexpected frame on channel \(header.channel) before connection.open")
                }
                try receiveChannelFrame(type, header.channel, payload)
            }
        case nil:
            preconditionFailure("checked by wholeFrame(at:)")
        }
    }

    /// A refusal of a frame, which no method is the cause of.
    func unprovoked(_ code: ReplyCode, _ detail: String) -> AMQPException {
        currentMethod = .none
        return .connection(code, detail)
    }

    private func receiveChannelFrame(
        _ type: FrameType, _ number: UInt16, _ payload: UnsafeRawBufferPointer
    ) throws(AMQPException) {
        if let channel = lastChannel, channel.number == number {
            try channel.receive(type, payload)
        } else if let channel = channels[number] {
            lastChannel = channel
            try channel.receive(type, payload)
        } else {
            try receiveOnClosedChannel(type, number, payload)
        }
    }

    func forget(_ channel: ServerChannel) {
        channels[channel.number] = nil
        if lastChannel === channel { lastChannel = nil }
    }

    // MARK: Bytes out

    func send(_ method: some AMQPMethod, on channel: UInt16) {
        output.appendMethodFrame(channel: channel, method)
        markForFlush()
    }

    /// Sends the reply when all that the log holds now is durable; until then nothing more is read. At once if it
    /// already is.
    func sendWhenDurable(_ method: Method, on channel: UInt16) {
        let position = core.logTail
        if core.isDurable(position) {
            output.appendMethodFrame(channel: channel, method)
            markForFlush()
        } else {
            durableReply = DurableReply(channel: channel, method: method, position: position)
            waitForDurability(of: position)
        }
    }

    /// Whether nothing should be added to the output that can wait or be left out.
    var isOutputFull: Bool { output.count >= Self.outputBytesMax }

    /// Whether deliveries may be added to the output.
    var canDeliver: Bool {
        guard isWritable, output.count < Self.deliveryBytesMax else {
            isDeliveryLimited = true
            return false
        }
        return true
    }

    public override func flush() {
        // At the end the peer is told why, if it reads at all.
        guard !output.isEmpty, isWritable || phase != .open else { return }
        let wasOutputFull = isOutputFull
        lastSentNanoseconds = core.nowNanoseconds
        transport.send(output.bytes)
        output.clear(retainedBytesMax: Self.deliveryBytesMax)
        if isWritable { resumeDeliveries() }
        if wasOutputFull { resumeReceiving() }
    }

    /// The socket's buffer is full, or has room again.
    public func writabilityChanged(isWritable: Bool) {
        self.isWritable = isWritable
        guard isWritable else { return }
        if !output.isEmpty { markForFlush() }
        resumeDeliveries()
    }

    private func resumeDeliveries() {
        guard isDeliveryLimited else { return }
        isDeliveryLimited = false
        for channel in channels.values { channel.resumeConsumers() }
    }

    public override func durabilityAdvanced() {
        if let reply = durableReply, core.isDurable(reply.position) {
            durableReply = nil
            output.appendMethodFrame(channel: reply.channel, reply.method)
            markForFlush()
            resumeReceiving()
        }
        swap(&channelsAwaitingConfirm, &channelsConfirming)
        for channel in channelsConfirming { channel.sendConfirms() }
        channelsConfirming.removeAll(keepingCapacity: true)
        if let reply = durableReply { waitForDurability(of: reply.position) }
    }

    // MARK: Messages that are not in memory

    func repeatWhenPageArrives(_ method: BasicGet, on channel: UInt16) {
        awaitedGet = (channel, method)
    }

    public func pageArrived() {
        guard let get = awaitedGet else { return }
        awaitedGet = nil
        guard phase == .open, let channel = channels[get.channel], !channel.isClosing else { return }
        currentMethod = .basicGet
        do throws(AMQPException) {
            try channel.get(get.method)
        } catch {
            refuse(error, channel: get.channel)
        }
        if awaitedGet == nil { resumeReceiving() }
    }

    // MARK: What the broker tells

    public override func forceClose(_ exception: AMQPException) {
        if phase == .awaitingProtocolHeader || phase == .awaitingStartOk {
            closeSocket()
        } else {
            close(exception, causedBy: .none)
        }
    }

    public override func resourceAlarmChanged(_ reason: String?) {
        guard reason == nil, isBlocked else { return }
        isBlocked = false
        if capabilities.connectionBlocked { send(ConnectionUnblocked(), on: 0) }
        resumeReceiving()
    }

    /// A publish has met a resource alarm. As in RabbitMQ its body is not read any more, and connections that do not
    /// publish go on: they may be the ones that make room.
    func block(reason: String) {
        isBlocked = true
        if capabilities.connectionBlocked { send(ConnectionBlocked(reason: reason), on: 0) }
    }

    private func resumeReceiving() {
        // The peer's silence was of our making.
        lastReceivedNanoseconds = core.nowNanoseconds
        transport.resumeReceiving()
    }
}
