/// The publishes of one channel that await their confirms: when each was sent, in a ring over delivery tags.
final class ConfirmWindow {
    /// When the publish of a tag was sent, in nanoseconds; 0 when it is confirmed. Twice as many as may be outstanding:
    /// tags may be confirmed out of order.
    private let sendTimes: UnsafeMutableBufferPointer<UInt64>
    private let mask: UInt64
    private let limit: Int
    /// The last tag that was sent.
    private(set) var lastTag: UInt64 = 0
    /// All tags below are confirmed.
    private var lowestOpenTag: UInt64 = 1
    private(set) var confirmed = 0
    private(set) var nacked = 0

    init(limit: Int) {
        precondition(limit > 0)
        self.limit = limit
        var capacity = 64
        while capacity < limit * 2 { capacity *= 2 }
        sendTimes = .allocate(capacity: capacity)
        sendTimes.initialize(repeating: 0)
        mask = UInt64(capacity - 1)
    }

    deinit {
        sendTimes.deallocate()
    }

    var outstanding: Int { Int(lastTag) - confirmed - nacked }

    /// How many may be sent now.
    var room: Int {
        // A tag that stays open while others pass it keeps its place in the ring.
        min(limit - outstanding, sendTimes.count - Int(lastTag + 1 - lowestOpenTag))
    }

    func sent(_ count: Int, at now: UInt64) {
        precondition(count <= room)
        for _ in 0..<count {
            lastTag += 1
            sendTimes[Int(lastTag & mask)] = now
        }
    }

    /// basic.ack or basic.nack for one tag, or for all up to it.
    func settle(
        _ tag: UInt64, multiple: Bool, isNack: Bool, at now: UInt64, recording latency: inout LatencyRecorder
    ) throws(LoadError) {
        // Tag 0 with multiple means all so far (AMQP 0-9-1, basic.ack).
        let last = tag == 0 && multiple ? lastTag : tag
        guard last <= lastTag, last >= (multiple ? lowestOpenTag - 1 : lowestOpenTag) else {
            throw .protocolViolation("confirm of tag \(tag), while \(lowestOpenTag) to \(lastTag) are open")
        }
        var settled = 0
        var next = multiple ? lowestOpenTag : last
        while next <= last {
            let slot = Int(next & mask)
            let sendTime = sendTimes[slot]
            if sendTime != 0 {
                latency.record(nanoseconds: now - min(sendTime, now))
                sendTimes[slot] = 0
                settled += 1
            }
            next += 1
        }
        guard multiple || settled == 1 else { throw .protocolViolation("tag \(tag) was confirmed twice") }
        while lowestOpenTag <= lastTag, sendTimes[Int(lowestOpenTag & mask)] == 0 { lowestOpenTag += 1 }
        if isNack { nacked += settled } else { confirmed += settled }
    }
}
