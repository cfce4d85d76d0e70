import AMQPProtocol
import Broker
import Logging
import SegmentLog

/// The server's side of an AMQP 0-9-1 connection, sans I/O: bytes go in by `receive`, bytes come out through the
/// transport at the end of a burst. Owned and called by the core's loop only.
public final class ServerConnection: ClientConnection {
    /// Frames up to this size are taken before a size has been negotiated: client properties and credentials.
    private static let handshakeFrameMax = 128 << 10
    /// Deliveries stop when so much output waits for the end of the burst, in bytes.
    static let outputBytesMax = 1 << 20
    /// How long a refused or closing client is waited for, in nanoseconds.
    static let closingTimeoutNanoseconds: UInt64 = 5_000_000_000

    public let peer: ConnectionPeer
    let transport: any ConnectionTransport
    var logger: Logger

    var phase = ConnectionPhase.awaitingProtocolHeader
    var output = WireBuffer(capacity: 16 << 10)
    var isWritable = true
    /// A consumer was refused because of the socket or the output's size: all are asked again when that changes.
    var isDeliveryLimited = false

    var channels: [UInt16: ServerChannel] = [:]
    /// The channel of the last frame, since frames of one channel come in rows.
    private var lastChannel: ServerChannel?
    var channelsAwaitingConfirm: [ServerChannel] = []

    var capabilities = ClientCapabilities()
    var clientProperties = FieldTable()
    var user: User?
    var session: Session?
    var channelMax: UInt16
    var frameMax: UInt32
    var heartbeatSeconds: UInt16 = 0
    /// When the heartbeats are looked at next; a timer that fires earlier was another's.
    var nextHeartbeatNanoseconds: UInt64 = 0
    var lastReceivedNanoseconds: UInt64
    var lastSentNanoseconds: UInt64
    let handshakeDeadlineNanoseconds: UInt64
    var closingDeadlineNanoseconds: UInt64?
    var hasPublished = false
    var isToldBlocked = false

    /// A reply that must wait until the log is durable so far. Nothing more is read until then, so that replies keep
    /// their order.
    struct DurableReply {
        let channel: UInt16
        let method: Method
        let position: LogPosition
    }
    var durableReply: DurableReply?

    /// The method under way: a close names it as its cause.
    var currentMethod = MethodID.none

    public init(broker: BrokerCore, transport: any ConnectionTransport, peer: ConnectionPeer) {
        self.peer = peer
        self.transport = transport
        self.channelMax = broker.configuration.channelMax
        self.frameMax = UInt32(Self.handshakeFrameMax)
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
        durableReply == nil && !(hasPublished && core.resourceAlarm != nil)
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
            guard receiveProtocolHeader(UnsafeRawBufferPointer(rebasing: bytes[..<8])) else { return bytes.count }
            offset = 8
        }
        while acceptsInput {
            if phase == .closed { return bytes.count }
            let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
            guard let header = FrameHeader(peeking: rest) else { break }
            do throws(AMQPException) {
                try check(header)
                guard rest.count >= header.frameSize else { break }
                guard rest[header.frameSize - 1] == Frame.end else {
                    throw AMQPException.connection(
                        .frameError, "frame end is \(rest[header.frameSize - 1]), not \(Frame.end)")
                }
                offset += header.frameSize
                let payload = UnsafeRawBufferPointer(rebasing: rest[Frame.headerSize..<header.frameSize - 1])
                try receive(header, payload)
            } catch {
                refuse(error, channel: header.channel)
            }
        }
        return offset
    }

    /// Refuses a frame by its header alone, before its payload is waited for.
    private func check(_ header: FrameHeader) throws(AMQPException) {
        // Once a close is under way nothing else counts, but sizes must still be sane to find the next frame.
        guard header.type != nil else {
            throw .connection(.frameError, "unknown frame type \(header.typeOctet)")
        }
        // RabbitMQ lets the payload alone be as long as frame-max, for clients that don't count the overhead.
        guard frameMax == 0 || header.payloadSize <= Int(frameMax) else {
            throw .connection(
                .frameError,
                "type \(header.typeOctet), channel \(header.channel): frame size \(header.payloadSize) "
                    + "is larger than the negotiated frame_max \(frameMax)")
        }
    }

    private func receive(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer) throws(AMQPException) {
        if phase == .awaitingCloseOk {
            receiveWhileClosing(header, payload)
            return
        }
        switch header.type {
        case .heartbeat?:
            guard header.channel == 0 else {
                throw .connection(.unexpectedFrame, "heartbeat frame on channel \(header.channel)")
            }
            guard payload.isEmpty else { throw .connection(.frameError, "heartbeat frame with a payload") }
        case let type?:
            if header.channel == 0 {
                guard type == .method else {
                    throw .connection(.unexpectedFrame, "expected a method frame on channel 0, got a \(type) frame")
                }
                try receiveConnectionMethod(payload)
            } else {
                guard phase == .open else {
                    throw .connection(
                        .channelError, "unexpected frame on channel \(header.channel) before connection.open")
                }
                try receiveChannelFrame(type, header.channel, payload)
            }
        case nil:
            preconditionFailure("checked by check(_:)")
        }
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

    /// Whether deliveries may be added to the output.
    var canDeliver: Bool {
        guard isWritable, output.count < Self.outputBytesMax else {
            isDeliveryLimited = true
            return false
        }
        return true
    }

    public override func flush() {
        guard !output.isEmpty else { return }
        lastSentNanoseconds = core.nowNanoseconds
        transport.send(output.bytes)
        output.clear()
        if isWritable { resumeDeliveries() }
    }

    /// The socket's buffer is full, or has room again.
    public func writabilityChanged(isWritable: Bool) {
        self.isWritable = isWritable
        if isWritable { resumeDeliveries() }
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
            transport.resumeReceiving()
        }
        let waiting = channelsAwaitingConfirm
        channelsAwaitingConfirm.removeAll(keepingCapacity: true)
        for channel in waiting { channel.sendConfirms() }
        if let reply = durableReply { waitForDurability(of: reply.position) }
    }

    // MARK: The end

    /// The socket is gone, for whatever reason. Unacknowledged messages return to their queues, exclusive queues go.
    public func transportClosed() {
        guard phase != .closed || core.connections[id] != nil else { return }
        if phase == .open { logger.info("connection closed by the peer without connection.close") }
        phase = .closed
        releaseAll()
    }

    /// Gives back everything that the connection holds.
    func releaseAll() {
        let open = channels.values.sorted { $0.number < $1.number }
        channels = [:]
        lastChannel = nil
        channelsAwaitingConfirm = []
        durableReply = nil
        for channel in open { channel.release() }
        core.unregister(self)
    }

    /// Tells the peer why, and ends the channel or the connection.
    func refuse(_ exception: AMQPException, channel number: UInt16) {
        logger.warning(
            "\(exception.scope) error",
            metadata: ["channel": "\(number)", "method": "\(currentMethod)", "error": "\(exception.replyText)"])
        if exception.scope == .channel, number != 0, phase == .open, let channel = channels[number] {
            channel.closeWithError(exception, causedBy: currentMethod)
        } else {
            close(exception, causedBy: currentMethod)
        }
    }

    func close(_ exception: AMQPException, causedBy method: MethodID) {
        guard phase != .awaitingCloseOk, phase != .closed else { return }
        let wasNegotiated = phase == .open
        output.appendMethodFrame(
            channel: 0,
            ConnectionClose(
                replyCode: exception.code, replyText: exception.replyText, classID: method.classID,
                methodID: method.methodID))
        markForFlush()
        releaseAll()
        phase = .awaitingCloseOk
        let timeout = wasNegotiated ? Self.closingTimeoutNanoseconds : Self.closingTimeoutNanoseconds / 5
        closingDeadlineNanoseconds = core.nowNanoseconds + timeout
        core.schedule(self, atNanoseconds: core.nowNanoseconds + timeout)
    }

    public override func forceClose(_ exception: AMQPException) {
        if phase == .awaitingProtocolHeader || phase == .awaitingStartOk {
            closeSocket()
        } else {
            close(exception, causedBy: .none)
        }
    }

    func closeSocket() {
        flush()
        phase = .closed
        releaseAll()
        transport.close()
    }

    // MARK: Alarms

    public override func resourceAlarmChanged(_ reason: String?) {
        guard phase == .open else { return }
        if let reason {
            if capabilities.connectionBlocked, hasPublished, !isToldBlocked {
                isToldBlocked = true
                send(ConnectionBlocked(reason: reason), on: 0)
            }
        } else {
            if isToldBlocked {
                isToldBlocked = false
                send(ConnectionUnblocked(), on: 0)
            }
            transport.resumeReceiving()
        }
    }

    /// The first publish makes the connection one that an alarm blocks.
    func noteFirstPublish() {
        hasPublished = true
        if let reason = core.resourceAlarm { resourceAlarmChanged(reason) }
    }
}
