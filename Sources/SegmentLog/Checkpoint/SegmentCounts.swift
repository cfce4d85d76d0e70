/// What a checkpoint says of one segment.
struct SegmentCounts {
    private var references = 0
    private var pinned = 0
    private var liveByteCount = 0
    private var oldestSettled = 0
    private var pageReferences: [UInt32] = []

    static func encode(_ segment: Segment, pageCount: Int, into encoder: inout CheckpointEncoder) {
        encoder.append(UInt64(segment.number))
        encoder.append(UInt64(segment.references))
        encoder.append(UInt64(segment.pinned))
        encoder.append(UInt64(segment.liveByteCount))
        encoder.append(UInt64(segment.oldestSettled))
        for index in 0..<pageCount { encoder.append(segment.pages[index].references) }
    }

    /// Reads what `encode` wrote behind the number.
    init(from decoder: inout CheckpointDecoder, pageCount: Int) throws(CheckpointDecoder.Malformed) {
        references = Int(truncatingIfNeeded: try decoder.read(UInt64.self))
        pinned = Int(truncatingIfNeeded: try decoder.read(UInt64.self))
        liveByteCount = Int(truncatingIfNeeded: try decoder.read(UInt64.self))
        oldestSettled = Int(truncatingIfNeeded: try decoder.read(UInt64.self))
        var sum = 0
        for _ in 0..<pageCount {
            let count: UInt32 = try decoder.read()
            pageReferences.append(count)
            sum += Int(count)
        }
        guard references >= 0, pinned >= 0, references + pinned == sum else { throw CheckpointDecoder.Malformed() }
    }

    func apply(to segment: UnsafeMutablePointer<Segment>) {
        segment.pointee.references = references
        segment.pointee.pinned = pinned
        segment.pointee.liveByteCount = liveByteCount
        segment.pointee.oldestSettled = oldestSettled
        for (index, count) in pageReferences.enumerated() { segment.pointee.pages[index].references = count }
    }
}
