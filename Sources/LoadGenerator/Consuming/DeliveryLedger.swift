import AMQPProtocol

/// Reads deliveries in one walk over the bytes, counts them, and writes the acks that they are due.
///
/// Consumer tags are decimal numbers: which of the consumer's queues a delivery is from.
struct DeliveryLedger: ~Copyable {
    private(set) var delivered = 0
    private(set) var bodyBytes = 0
    private(set) var redelivered = 0
    private(set) var orderErrors = 0
    /// Of another run, or of somebody else, as far as the bodies tell.
    private(set) var foreign = 0

    /// basic.ack frames that are to be sent.
    var acks = WireBuffer()
    /// Methods other than basic.deliver, which are rare.
    var otherMethods: [Method] = []

    /// basic.ack (multiple), whose tag is to be filled in.
    private let ackFrame: [UInt8]
    /// The bytes from the tag on: the tag, the bit and the frame's end.
    private static let ackFrameTail = 10
    private let acknowledges: Bool
    private let ackInterval: Int
    private let checksRun: Bool
    private var sequences: SequenceTable
    private let queueCount: Int
    private var unacknowledged = 0
    private var lastTag: UInt64 = 0

    /// A basic.deliver has come, and not yet its content header.
    private var awaitsHeader = false
    private var queue = 0
    private var isRedelivered = false
    private var bodySize: UInt64 = 0
    private var bodyLeft: UInt64 = 0

    /// Without an `ackInterval` nothing is acknowledged. `checksRun`: whether what another run published is foreign.
    init(channel: UInt16, queueCount: Int, producers: Int, run: UInt64, checksRun: Bool, ackInterval: Int?) {
        var frame = WireBuffer()
        frame.appendMethodFrame(channel: channel, BasicAck(deliveryTag: 0, multiple: true))
        ackFrame = Array(frame.bytes)
        self.queueCount = queueCount
        self.checksRun = checksRun
        self.ackInterval = ackInterval ?? .max
        sequences = SequenceTable(queues: queueCount, producers: checksRun ? producers : 0, run: run)
        acknowledges = ackInterval != nil
    }

    /// Takes all the whole frames at the front of the bytes, and returns how many bytes they are.
    mutating func receive(
        _ bytes: UnsafeRawBufferPointer, at now: UInt64, recording latency: inout LatencyRecorder
    ) throws(LoadError) -> Int {
        var cursor = FrameCursor(bytes)
        while let frame = try cursor.next() {
            switch frame.type {
            case .body: try body(frame.payload, now, &latency)
            case .method where frame.method == .basicDeliver: try deliver(frame.arguments)
            case .method: otherMethods.append(try frame.decodeMethod())
            case .header: try header(frame.payload)
            case .heartbeat: break
            }
        }
        latency.endRun()
        return cursor.consumed
    }

    /// Acknowledges what has come since the last ack.
    mutating func acknowledgeRest() {
        guard acknowledges, unacknowledged > 0 else { return }
        acks.append(ackFrame)
        let tagStart = acks.count - Self.ackFrameTail
        acks.patch(UInt32(truncatingIfNeeded: lastTag >> 32), at: tagStart)
        acks.patch(UInt32(truncatingIfNeeded: lastTag), at: tagStart + 4)
        unacknowledged = 0
    }

    @inline(__always)
    private mutating func deliver(_ arguments: UnsafeRawBufferPointer) throws(LoadError) {
        do throws(WireError) {
            var reader = WireReader(arguments)
            let consumerTag = try reader.readShortStringBytes()
            lastTag = try reader.readUInt64()
            isRedelivered = try reader.readUInt8() & 1 != 0
            queue = 0
            for digit in consumerTag { queue = (queue &* 10) &+ Int(digit &- UInt8(ascii: "0")) }
        } catch {
            throw .protocolViolation("basic.deliver: \(error)")
        }
        guard queue >= 0, queue < queueCount else { throw .protocolViolation("a delivery to an unknown consumer") }
        guard !awaitsHeader, bodyLeft == 0 else {
            throw .protocolViolation("a delivery begins inside of another")
        }
        awaitsHeader = true
    }

    @inline(__always)
    private mutating func header(_ payload: UnsafeRawBufferPointer) throws(LoadError) {
        guard awaitsHeader, payload.count >= 12 else { throw .protocolViolation("an unexpected content header") }
        awaitsHeader = false
        bodySize = UInt64(bigEndian: payload.loadUnaligned(fromByteOffset: 4, as: UInt64.self))
        bodyLeft = bodySize
        if bodySize == 0 { complete() }
    }

    @inline(__always)
    private mutating func body(
        _ payload: UnsafeRawBufferPointer, _ now: UInt64, _ latency: inout LatencyRecorder
    ) throws(LoadError) {
        guard bodyLeft > 0, payload.count <= bodyLeft else { throw .protocolViolation("an unexpected body frame") }
        if bodyLeft == bodySize { readStamp(payload, now, &latency) }
        bodyLeft -= UInt64(payload.count)
        if bodyLeft == 0 { complete() }
    }

    @inline(__always)
    private mutating func readStamp(
        _ payload: UnsafeRawBufferPointer, _ now: UInt64, _ latency: inout LatencyRecorder
    ) {
        guard payload.count >= BodyStamp.timeBytes else { return }
        var isForeign = false
        if checksRun, payload.count >= BodyStamp.bytes {
            let stamp = BodyStamp(
                number: payload.loadUnaligned(fromByteOffset: BodyStamp.timeBytes, as: UInt64.self))
            switch sequences.note(stamp, queue: queue) {
            case .inOrder: break
            // What came back comes late, as it must.
            case .outOfOrder: orderErrors += isRedelivered ? 0 : 1
            case .foreign:
                foreign += 1
                isForeign = true
            }
        }
        let publishTime = payload.loadUnaligned(as: UInt64.self)
        // Bodies that somebody else made have anything there.
        if !isForeign, publishTime <= now, now - publishTime <= LatencySample.nanosecondsMax {
            latency.record(nanoseconds: now - publishTime)
        }
    }

    @inline(__always)
    private mutating func complete() {
        delivered += 1
        bodyBytes += Int(truncatingIfNeeded: bodySize)
        if isRedelivered { redelivered += 1 }
        guard acknowledges else { return }
        unacknowledged += 1
        if unacknowledged >= ackInterval { acknowledgeRest() }
    }
}
