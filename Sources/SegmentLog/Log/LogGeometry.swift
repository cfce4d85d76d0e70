/// How the address space is divided: segments (files) of pages of records. Fixed when the directory is made.
struct LogGeometry: Equatable, Sendable {
    /// Smallest sizes that make sense; real logs use far larger ones, tests use these.
    static let pageByteCountMin = 128
    static let segmentByteCountMax = 1 << 30

    let segmentByteCount: UInt64
    let pageByteCount: UInt64
    /// Random, chosen when the directory is made; goes into every record's mark.
    let salt: UInt32
    let pageShift: UInt64
    let segmentShift: UInt64

    /// Nil unless both are powers of two in range, and a segment has at least two pages.
    init?(segmentByteCount: Int, pageByteCount: Int, salt: UInt32) {
        guard pageByteCount >= Self.pageByteCountMin, pageByteCount.nonzeroBitCount == 1,
            segmentByteCount.nonzeroBitCount == 1, segmentByteCount <= Self.segmentByteCountMax,
            segmentByteCount >= 2 * pageByteCount
        else { return nil }
        self.segmentByteCount = UInt64(segmentByteCount)
        self.pageByteCount = UInt64(pageByteCount)
        self.salt = salt
        self.pageShift = UInt64(pageByteCount.trailingZeroBitCount)
        self.segmentShift = UInt64(segmentByteCount.trailingZeroBitCount)
    }

    /// The largest payload that fits: a segment without its first page, which the segment's header opens.
    var payloadByteCountMax: Int { Int(segmentByteCount - pageByteCount) - RecordHeader.byteCount }

    /// What a record takes in the log: header, payload, and zeros up to the next multiple of eight.
    @inline(__always)
    static func recordByteCount(payloadByteCount: Int) -> Int {
        (RecordHeader.byteCount + payloadByteCount + 7) & ~7
    }

    @inline(__always) func segmentBase(of position: UInt64) -> UInt64 { position & ~(segmentByteCount &- 1) }
    @inline(__always) func segmentEnd(of position: UInt64) -> UInt64 { segmentBase(of: position) + segmentByteCount }
    @inline(__always) func segmentNumber(of position: UInt64) -> Int { Int(position &>> segmentShift) }
    @inline(__always) func pageBase(of position: UInt64) -> UInt64 { position & ~(pageByteCount &- 1) }
    @inline(__always) func pageEnd(of position: UInt64) -> UInt64 { pageBase(of: position) + pageByteCount }
    @inline(__always) func pageNumber(of position: UInt64) -> Int { Int(position &>> pageShift) }
    @inline(__always) func offsetInPage(_ position: UInt64) -> Int { Int(position & (pageByteCount &- 1)) }
    @inline(__always)
    func pageIndexInSegment(of position: UInt64) -> Int {
        Int((position & (segmentByteCount &- 1)) &>> pageShift)
    }
    @inline(__always) func segmentBase(number: Int) -> UInt64 { UInt64(number) &<< segmentShift }
    @inline(__always) func pageBase(number: Int) -> UInt64 { UInt64(number) &<< pageShift }

    /// Ties a record to its place in this log: bytes that merely look like a record (an old one, one inside a payload)
    /// do not carry the mark of the place where they lie.
    @inline(__always)
    func mark(at position: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: position >> 3) ^ salt
    }

    /// Where the next record of this size goes when the last one ended at `end`. Recovery asks the same question to
    /// tell padding from a hole.
    func placement(after end: UInt64, recordByteCount: Int) -> UInt64 {
        let byteCount = UInt64(recordByteCount)
        let isLarge = byteCount > pageByteCount
        var start = end
        while true {
            if segmentBase(of: start) == start { start += UInt64(SegmentHeader.byteCount) }
            let startsPage = pageBase(of: start) == start
            let limit = isLarge ? segmentEnd(of: start) : pageEnd(of: start)
            if start + byteCount <= limit, startsPage || !isLarge { return start }
            start = isLarge && startsPage ? segmentEnd(of: start) : pageEnd(of: start)
        }
    }

    /// Where the log goes on behind a record: a large record has its last page to itself.
    func end(ofRecordAt position: UInt64, recordByteCount: Int) -> UInt64 {
        let end = position + UInt64(recordByteCount)
        guard UInt64(recordByteCount) > pageByteCount else { return end }
        return (end + pageByteCount - 1) & ~(pageByteCount - 1)
    }

    func segmentFileName(base: UInt64) -> String {
        let digits = String(base, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits + Self.segmentFileSuffix
    }

    static let segmentFileSuffix = ".seg"

    /// The base that a segment file's name tells, nil if it is not the name of one.
    func segmentBase(fileName: String) -> UInt64? {
        guard fileName.hasSuffix(Self.segmentFileSuffix), fileName.utf8.count == 20,
            let base = UInt64(fileName.dropLast(Self.segmentFileSuffix.count), radix: 16),
            segmentBase(of: base) == base, segmentFileName(base: base) == fileName
        else { return nil }
        return base
    }
}
