import SegmentLog

/// What a line of a queue holds between two numbers: the payload of a `standing` record. Such records are written for all
/// that a queue holds when settles would be lost with their segment while what they settle stays.
///
/// Layout, little endian: u64 queue id, u64 line, u64 begin, u64 end, then u64 first number and u64 count for each range.
struct QueueStanding: Equatable {
    private static let headBytes = 32
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
        let rangesMax = max(1, (byteCountMax - headBytes) / rangeBytes)
        var parts: [QueueStanding] = []
        for (line, index) in queue.ready.lines.enumerated() {
            var ranges: [Range<Int>] = []
            var begin = 0
            index.forEachDurableRange(readyOnly: false) { range in
                if ranges.count == rangesMax {
                    let span = begin..<range.lowerBound
                    parts.append(QueueStanding(queueID: queue.id, line: line, span: span, ranges: ranges))
                    begin = range.lowerBound
                    ranges = []
                }
                ranges.append(range)
            }
            parts.append(QueueStanding(queueID: queue.id, line: line, span: begin..<index.end, ranges: ranges))
        }
        return parts
    }

    func encode() -> [UInt8] {
        var encoder = CheckpointEncoder()
        encoder.append(queueID)
        for number in [line, span.lowerBound, span.upperBound] { encoder.append(UInt64(number)) }
        for range in ranges {
            encoder.append(UInt64(range.lowerBound))
            encoder.append(UInt64(range.count))
        }
        return encoder.bytes
    }

    private init(queueID: UInt64, line: Int, span: Range<Int>, ranges: [Range<Int>]) {
        self.queueID = queueID
        self.line = line
        self.span = span
        self.ranges = ranges
    }

    /// - Returns: nil if that is not such a payload.
    init?(decoding payload: UnsafeRawBufferPointer) {
        guard payload.count >= Self.headBytes, (payload.count - Self.headBytes).isMultiple(of: Self.rangeBytes) else {
            return nil
        }
        func load(_ offset: Int) -> Int? {
            Int(exactly: UInt64(littleEndian: payload.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        }
        guard let line = load(8), let begin = load(16), let end = load(24), begin <= end else { return nil }
        queueID = UInt64(littleEndian: payload.loadUnaligned(as: UInt64.self))
        self.line = line
        span = begin..<end
        for offset in stride(from: Self.headBytes, to: payload.count, by: Self.rangeBytes) {
            guard let first = load(offset), let count = load(offset + 8), first <= Int.max - count else { return nil }
            ranges.append(first..<first + count)
        }
    }
}
