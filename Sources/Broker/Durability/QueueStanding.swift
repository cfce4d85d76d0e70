import SegmentLog

/// What a queue holds, as ranges of numbers for each of its lines: the payload of a `standing` record. It is written when
/// settles would be lost with their segment while what they settle stays.
struct QueueStanding {
    struct Line {
        let end: Int
        /// In order.
        var ranges: [Range<Int>] = []

        func contains(_ number: Int) -> Bool {
            // What came later is not spoken of.
            if number >= end { return true }
            var low = 0
            var high = ranges.count
            while low < high {
                let middle = (low + high) / 2
                if ranges[middle].upperBound <= number { low = middle + 1 } else { high = middle }
            }
            return low < ranges.count && ranges[low].contains(number)
        }
    }

    let queueID: UInt64
    private(set) var lines: [Line] = []

    init(of queue: Queue) {
        queueID = queue.id
        for index in queue.ready.lines {
            var line = Line(end: index.end)
            index.forEachDurableRange(readyOnly: false) { line.ranges.append($0) }
            lines.append(line)
        }
    }

    func encode() -> [UInt8] {
        var encoder = CheckpointEncoder()
        encoder.append(queueID)
        encoder.append(UInt64(lines.count))
        for line in lines {
            encoder.append(UInt64(line.end))
            encoder.append(UInt64(line.ranges.count))
            for range in line.ranges {
                encoder.append(UInt64(range.lowerBound))
                encoder.append(UInt64(range.count))
            }
        }
        return encoder.bytes
    }

    /// - Returns: nil if that is not such a payload.
    init?(decoding payload: UnsafeRawBufferPointer) {
        var decoder = CheckpointDecoder(Array(payload))
        do {
            queueID = try decoder.read()
            for _ in 0..<(try decoder.readCount(of: 16)) {
                var line = Line(end: Int(truncatingIfNeeded: try decoder.read(UInt64.self)))
                for _ in 0..<(try decoder.readCount(of: 16)) {
                    let first = Int(truncatingIfNeeded: try decoder.read(UInt64.self))
                    let count = Int(truncatingIfNeeded: try decoder.read(UInt64.self))
                    guard first >= 0, count >= 0, first <= Int.max - count else { return nil }
                    line.ranges.append(first..<first + count)
                }
                lines.append(line)
            }
        } catch {
            return nil
        }
    }
}
