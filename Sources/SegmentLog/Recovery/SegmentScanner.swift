#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Finds the valid records of segments that are looked at one after the other, and what is wrong between them.
///
/// Every place (records begin at multiples of eight) is tried until a valid record is found, so that damage costs the
/// records that it hit and no others. Between two records there must be nothing but zeros, and the later one must be
/// where it would have been put after the earlier: anything else is a hole.
struct SegmentScanner {
    /// A stretch of addresses whose content is lost.
    struct Hole {
        let start: UInt64
        let end: UInt64
    }

    private let geometry: LogGeometry
    /// Where the content of the last valid record ends, alignment excluded.
    private(set) var contentEnd: UInt64
    /// Where the next record would be looked for.
    private(set) var end: UInt64
    /// Behind the last byte that is not zero, of those behind `contentEnd`; nil if all are zero.
    private(set) var strayEnd: UInt64?
    /// The last segment with a valid record in it, or one that the log is known to have reached.
    private(set) var lastSegmentBase: UInt64?
    /// Where the segment that is looked at next begins, unless some have gone.
    private var nextBase: UInt64

    /// - Parameters:
    ///   - firstBase: the base of the first segment that is looked at.
    ///   - start: where to begin in it: behind a record, or wherever the log ended once. Nil for its beginning.
    init(geometry: LogGeometry, firstBase: UInt64, start: UInt64?) {
        self.geometry = geometry
        contentEnd = max(start ?? 0, firstBase + UInt64(SegmentHeader.byteCount))
        end = contentEnd
        lastSegmentBase = start.map { _ in firstBase }
        nextBase = firstBase
    }

    /// Where in the segment the next record can be: segments before it are not looked at, and of the first one only what
    /// is behind the start.
    func firstOffset(inSegment base: UInt64) -> Int {
        contentEnd > base ? Int(min(contentEnd - base, geometry.segmentByteCount)) & ~7 : 0
    }

    /// Looks through one segment, whose bytes (without what the file lacks at its end) are in `bytes`.
    mutating func scan(
        _ bytes: UnsafeRawBufferPointer, base: UInt64, record: (Record) -> Void, hole: (Hole) -> Void
    ) {
        guard let start = bytes.baseAddress else { return }
        if base > nextBase {
            // Segments between have gone, since nothing in them was needed: the log got as far as here, even if nothing of
            // this segment's content is left.
            if strayEnd != nil { hole(Hole(start: contentEnd, end: base)) }
            strayEnd = nil
            contentEnd = base + UInt64(SegmentHeader.byteCount)
            end = contentEnd
            lastSegmentBase = base
        }
        nextBase = base + geometry.segmentByteCount
        var offset = max(SegmentHeader.byteCount, firstOffset(inSegment: base))
        var gapStart = offset
        while offset + RecordHeader.byteCount <= bytes.count {
            let position = base + UInt64(offset)
            let address = start + offset
            if geometry.offsetInPage(position) == 0 {
                let pageByteCount = min(Int(geometry.pageByteCount), bytes.count - offset)
                if Self.isZero(address, byteCount: pageByteCount) {
                    offset += pageByteCount
                    continue
                }
            }
            guard
                let header = RecordHeader.valid(
                    at: address, byteCountMax: bytes.count - offset, mark: geometry.mark(at: position))
            else {
                offset += 8
                continue
            }
            let recordByteCount = LogGeometry.recordByteCount(payloadByteCount: header.payloadByteCount)
            noteStrayBytes(bytes, from: gapStart, to: offset, base: base)
            if strayEnd != nil || geometry.placement(after: end, recordByteCount: recordByteCount) != position {
                hole(Hole(start: contentEnd, end: position))
            }
            record(
                Record(
                    kind: header.kind, flags: header.flags, position: LogPosition(rawValue: position),
                    payload: UnsafeRawBufferPointer(
                        start: address + RecordHeader.byteCount, count: header.payloadByteCount)))
            contentEnd = position + UInt64(RecordHeader.byteCount + header.payloadByteCount)
            end = geometry.end(ofRecordAt: position, recordByteCount: recordByteCount)
            lastSegmentBase = base
            strayEnd = nil
            gapStart = Int(contentEnd - base)
            offset = Int(end - base)
        }
        noteStrayBytes(bytes, from: gapStart, to: bytes.count, base: base)
    }

    private mutating func noteStrayBytes(_ bytes: UnsafeRawBufferPointer, from: Int, to: Int, base: UInt64) {
        guard let start = bytes.baseAddress, from < to, !Self.isZero(start + from, byteCount: to - from) else { return }
        // From behind and in strides: a torn end has nearly a whole segment of zeros behind it.
        let stride = 4096
        var end = to
        while end - stride > from, Self.isZero(start + end - stride, byteCount: stride) { end -= stride }
        let last = bytes[from..<end].lastIndex { $0 != 0 } ?? from
        strayEnd = base + UInt64(last) + 1
    }

    /// Compares the bytes with themselves, one further on: as fast as the C library compares.
    private static func isZero(_ start: UnsafeRawPointer, byteCount: Int) -> Bool {
        start.load(as: UInt8.self) == 0 && memcmp(start, start + 1, byteCount - 1) == 0
    }
}
