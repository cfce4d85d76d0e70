import CChecksum

/// The first 64 bytes of a segment file. They repeat what the directory's format file says, so that either can be lost.
struct SegmentHeader {
    static let byteCount = 64
    static let formatVersion = 1
    private static let magic: UInt64 = 0x0052_4549_5252_4148  // "HARRIER" and a zero byte

    /// What the bytes say.
    enum Reading {
        case valid(base: UInt64, geometry: LogGeometry)
        /// Written by a newer version of the program.
        case newer(version: Int)
        /// Not a header: never written, or damaged.
        case invalid
    }

    static func write(to file: any DiskFile, base: UInt64, geometry: LogGeometry) throws(StorageError) {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        bytes.withUnsafeMutableBytes { encode(base: base, geometry: geometry, into: $0) }
        try file.write(bytes, at: 0)
    }

    private static func encode(base: UInt64, geometry: LogGeometry, into bytes: UnsafeMutableRawBufferPointer) {
        bytes.storeBytes(of: magic.littleEndian, toByteOffset: 0, as: UInt64.self)
        bytes.storeBytes(of: UInt32(formatVersion).littleEndian, toByteOffset: 8, as: UInt32.self)
        bytes.storeBytes(of: UInt32(geometry.pageByteCount).littleEndian, toByteOffset: 12, as: UInt32.self)
        bytes.storeBytes(of: geometry.segmentByteCount.littleEndian, toByteOffset: 16, as: UInt64.self)
        bytes.storeBytes(of: base.littleEndian, toByteOffset: 24, as: UInt64.self)
        bytes.storeBytes(of: geometry.salt.littleEndian, toByteOffset: 32, as: UInt32.self)
        let checksum = checksum(UnsafeRawBufferPointer(bytes))
        bytes.storeBytes(of: checksum.littleEndian, toByteOffset: 60, as: UInt32.self)
    }

    static func read(from file: any DiskFile) throws(StorageError) -> Reading {
        try file.readPrefix(byteCountMax: byteCount).withUnsafeBytes { read($0) }
    }

    static func read(_ bytes: UnsafeRawBufferPointer) -> Reading {
        guard bytes.count >= byteCount, load(bytes, 0, UInt64.self) == magic,
            load(bytes, 60, UInt32.self) == checksum(bytes)
        else { return .invalid }
        let version = Int(load(bytes, 8, UInt32.self))
        guard version <= formatVersion else { return .newer(version: version) }
        let geometry = LogGeometry(
            segmentByteCount: Int(truncatingIfNeeded: load(bytes, 16, UInt64.self)),
            pageByteCount: Int(load(bytes, 12, UInt32.self)), salt: load(bytes, 32, UInt32.self))
        guard let geometry else { return .invalid }
        return .valid(base: load(bytes, 24, UInt64.self), geometry: geometry)
    }

    private static func load<Value: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, _ offset: Int, _ type: Value.Type
    ) -> Value {
        Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
    }

    private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        guard let start = bytes.baseAddress else { return 0 }
        return harrier_crc32c(0, start, 60)
    }
}
