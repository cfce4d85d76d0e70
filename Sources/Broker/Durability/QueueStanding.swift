import SegmentLog

/// What a line of a queue holds between two numbers: the payload of a `standing` record. Such records are written for all
/// that a queue holds when settles would be lost with their segment while what they settle stays.
///
/// Layout, little endian: u64 queue id, u64 line, u64 begin, u64 end, u64 form, then in form 0 u64 first number and u64 count
/// for each range, in form 1 a bit for each number from begin on, lowest first, set for what is there, up to a whole number
/// of bytes. The shorter form is written: however a queue is fragmented, it takes no more than a bit for each number.
struct QueueStanding: Equatable {
    private static let headBytes = 40
    private static let rangeBytes = 16

    let queueID: UInt64
    let line: Int
    /// Of other numbers nothing is said.
    let span: Range<Int>
    /// What is there, in order.
    private(set) var ranges: [Range<Int>] = []

    /// Whether a message is there as far as this says.
    func contains(_ place: QueueLines.Place) -> Bool {
        guard place.line == line, span.contains(place.number) else { return true }
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= place.number { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(place.number)
    }

    /// All that a queue holds, in as many parts as records take.
    static func parts(of queue: Queue, byteCountMax: Int) -> [QueueStanding] {
        let contentMax = max(rangeBytes, byteCountMax - headBytes)
        var parts: [QueueStanding] = []
        for (line, index) in queue.ready.lines.enumerated() {
            var ranges: [Range<Int>] = []
            var begin = 0
            func end(at end: Int) {
                parts.append(QueueStanding(queueID: queue.id, line: line, span: begin..<end, ranges: ranges))
                begin = end
                ranges = []
            }
            func fits(_ rangeCount: Int, upTo end: Int) -> Bool {
                contentBytes(rangeCount, spanCount: end - begin) <= contentMax
            }
            index.forEachDurableRange(readyOnly: false) { range in
                if let last = ranges.last, !fits(ranges.count + 1, upTo: range.upperBound) { end(at: last.upperBound) }
                ranges.append(range)
            }
            if let last = ranges.last, !fits(ranges.count, upTo: index.end) { end(at: last.upperBound) }
            end(at: index.end)
        }
        return parts
    }

    private static func contentBytes(_ rangeCount: Int, spanCount: Int) -> Int {
        min(rangeCount * rangeBytes, (spanCount + 7) / 8)
    }

    func encode() -> [UInt8] {
        let isBitmap = (span.count + 7) / 8 < ranges.count * Self.rangeBytes
        var encoder = CheckpointEncoder()
        encoder.append(queueID)
        for number in [line, span.lowerBound, span.upperBound, isBitmap ? 1 : 0] { encoder.append(UInt64(number)) }
        guard isBitmap else {
            for range in ranges {
                encoder.append(UInt64(range.lowerBound))
                encoder.append(UInt64(range.count))
            }
            return encoder.bytes
        }
        var bits = [UInt8](repeating: 0, count: (span.count + 7) / 8)
        for range in ranges {
            for number in range {
                let offset = number - span.lowerBound
                bits[offset >> 3] |= 1 << UInt8(offset & 7)
            }
        }
        return encoder.bytes + bits
    }

    private init(queueID: UInt64, line: Int, span: Range<Int>, ranges: [Range<Int>]) {
        self.queueID = queueID
        self.line = line
        self.span = span
        self.ranges = ranges
    }

    /// - Returns: nil if that is not such a payload.
    init?(decoding payload: UnsafeRawBufferPointer) {
        guard payload.count >= Self.headBytes else { return nil }
        func load(_ offset: Int) -> Int? {
            Int(exactly: UInt64(littleEndian: payload.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        }
        guard let line = load(8), let begin = load(16), let end = load(24), begin <= end, let form = load(32) else {
            return nil
        }
        queueID = UInt64(littleEndian: payload.loadUnaligned(as: UInt64.self))
        self.line = line
        span = begin..<end
        if form == 1 {
            guard payload.count - Self.headBytes == (span.count + 7) / 8 else { return nil }
            readBits(UnsafeRawBufferPointer(rebasing: payload[Self.headBytes...]))
            return
        }
        guard form == 0, (payload.count - Self.headBytes).isMultiple(of: Self.rangeBytes) else { return nil }
        for offset in stride(from: Self.headBytes, to: payload.count, by: Self.rangeBytes) {
            guard let first = load(offset), let count = load(offset + 8), first <= Int.max - count else { return nil }
            ranges.append(first..<first + count)
        }
    }

    private mutating func readBits(_ bits: UnsafeRawBufferPointer) {
        var begun: Int?
        for number in span {
            let offset = number - span.lowerBound
            let isThere = bits[offset >> 3] & (1 << UInt8(offset & 7)) != 0
            if isThere, begun == nil { begun = number }
            if !isThere, let first = begun {
                ranges.append(first..<number)
                begun = nil
            }
        }
        if let begun { ranges.append(begun..<span.upperBound) }
    }
}
