import CChecksum

/// The sixteen bytes before every payload, little endian:
/// checksum u32 (CRC32C of everything behind it, payload included) · payload length u32 · kind u8 · version u8 ·
/// flags u16 · mark u32 (`LogGeometry.mark`).
struct RecordHeader {
    static let byteCount = 16
    static let version: UInt8 = 1

    let checksum: UInt32
    let payloadByteCount: Int
    let kind: UInt8
    let version: UInt8
    let flags: UInt16
    let mark: UInt32

    @inline(__always)
    init(at address: UnsafeRawPointer) {
        let first = UInt64(littleEndian: address.loadUnaligned(as: UInt64.self))
        let second = UInt64(littleEndian: (address + 8).loadUnaligned(as: UInt64.self))
        checksum = UInt32(truncatingIfNeeded: first)
        payloadByteCount = Int(first >> 32)
        kind = UInt8(truncatingIfNeeded: second)
        version = UInt8(truncatingIfNeeded: second >> 8)
        flags = UInt16(truncatingIfNeeded: second >> 16)
        mark = UInt32(truncatingIfNeeded: second >> 32)
    }

    /// Writes the header before a payload that is already in place.
    @inline(__always)
    static func seal(
        at address: UnsafeMutableRawPointer, kind: UInt8, flags: UInt16, payloadByteCount: Int, mark: UInt32
    ) {
        let second = UInt64(kind) | UInt64(Self.version) << 8 | UInt64(flags) << 16 | UInt64(mark) << 32
        (address + 4).storeBytes(of: UInt32(truncatingIfNeeded: payloadByteCount).littleEndian, as: UInt32.self)
        (address + 8).storeBytes(of: second.littleEndian, as: UInt64.self)
        let checksum = Self.checksum(at: address, payloadByteCount: payloadByteCount)
        address.storeBytes(of: checksum.littleEndian, as: UInt32.self)
    }

    @inline(__always)
    static func checksum(at address: UnsafeRawPointer, payloadByteCount: Int) -> UInt32 {
        harrier_crc32c(0, address + 4, byteCount - 4 + payloadByteCount)
    }

    /// The header at `address` if it opens a valid record that ends within `byteCountMax` bytes, nil otherwise. The
    /// mark is looked at first: it is what makes trying every place of a damaged page cheap.
    @inline(__always)
    static func valid(at address: UnsafeRawPointer, byteCountMax: Int, mark: UInt32) -> RecordHeader? {
        guard let header = plausible(at: address, byteCountMax: byteCountMax, mark: mark),
            checksum(at: address, payloadByteCount: header.payloadByteCount) == header.checksum
        else { return nil }
        return header
    }

    /// The same without a look at the checksum.
    @inline(__always)
    static func plausible(at address: UnsafeRawPointer, byteCountMax: Int, mark: UInt32) -> RecordHeader? {
        guard byteCountMax >= byteCount else { return nil }
        let header = RecordHeader(at: address)
        guard header.mark == mark, header.kind != 0, header.version == version,
            header.payloadByteCount <= byteCountMax - byteCount
        else { return nil }
        return header
    }
}
