import SegmentLog

/// The payload of records that speak of some messages of one queue: u64 queue id, then u64 first sequence and u64 count
/// for each range.
enum QueueRanges {
    static func byteCount(_ ranges: [Range<UInt64>]) -> Int { 8 + ranges.count * 16 }

    static func fill(
        _ payload: UnsafeMutableRawBufferPointer, queueID: UInt64, _ ranges: [Range<UInt64>]
    ) {
        payload.storeBytes(of: queueID.littleEndian, as: UInt64.self)
        var offset = 8
        for range in ranges {
            let count = range.upperBound - range.lowerBound
            payload.storeBytes(of: range.lowerBound.littleEndian, toByteOffset: offset, as: UInt64.self)
            payload.storeBytes(of: count.littleEndian, toByteOffset: offset + 8, as: UInt64.self)
            offset += 16
        }
    }

    /// - Returns: false if that is not such a payload.
    static func read(_ payload: UnsafeRawBufferPointer, _ body: (UInt64, Range<UInt64>) -> Void) -> Bool {
        guard payload.count >= 8, (payload.count - 8).isMultiple(of: 16) else { return false }
        func load(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: payload.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        for offset in stride(from: 8, to: payload.count, by: 16) {
            let (end, overflow) = load(offset).addingReportingOverflow(load(offset + 8))
            guard !overflow else { return false }
            body(load(0), load(offset)..<end)
        }
        return true
    }
}
