/// Reads single records from segment files, while the caller waits: at the start, and in tools. Keeps the last page, so
/// that records in order cost one read a page.
public struct RecordReader {
    private let directory: String
    private let geometry: LogGeometry
    private let disk: any Disk
    private var page: [UInt8] = []
    private var pageBase = UInt64.max

    init(directory: String, geometry: LogGeometry, disk: any Disk) {
        self.directory = directory
        self.geometry = geometry
        self.disk = disk
    }

    /// The payload of the record at `position`, nil if there is none that is whole.
    public mutating func payload(at position: LogPosition) -> [UInt8]? {
        let base = geometry.pageBase(of: position.rawValue)
        if base != pageBase {
            guard let bytes = read(at: base, byteCount: Int(geometry.pageByteCount)) else { return nil }
            page = bytes
            pageBase = base
        }
        let offset = geometry.offsetInPage(position.rawValue)
        let mark = geometry.mark(at: position.rawValue)
        if let payload = Self.payload(in: page, at: offset, mark: mark) { return payload }
        // It may go beyond the page.
        guard offset == 0, page.count >= RecordHeader.byteCount else { return nil }
        let size = page.withUnsafeBytes { bytes in
            bytes.baseAddress.map { RecordHeader(at: $0).payloadByteCount } ?? 0
        }
        guard size <= geometry.payloadByteCountMax, size + RecordHeader.byteCount > page.count,
            let bytes = read(at: base, byteCount: size + RecordHeader.byteCount)
        else { return nil }
        return Self.payload(in: bytes, at: 0, mark: mark)
    }

    private static func payload(in bytes: [UInt8], at offset: Int, mark: UInt32) -> [UInt8]? {
        bytes.withUnsafeBytes { all in
            guard let start = all.baseAddress, offset < all.count,
                let header = RecordHeader.valid(at: start + offset, byteCountMax: all.count - offset, mark: mark)
            else { return nil }
            let first = offset + RecordHeader.byteCount
            return Array(all[first..<first + header.payloadByteCount])
        }
    }

    private func read(at address: UInt64, byteCount: Int) -> [UInt8]? {
        let base = geometry.segmentBase(of: address)
        let path = "\(directory)/\(geometry.segmentFileName(base: base))"
        guard let file = try? disk.openFile(at: path, create: false) else { return nil }
        var bytes = [UInt8](repeating: 0, count: byteCount)
        let count = bytes.withUnsafeMutableBytes { try? file.read(into: $0, at: Int(address - base)) }
        guard let count else { return nil }
        bytes.removeLast(byteCount - count)
        return bytes
    }
}

extension SegmentLog {
    /// Reads what the files hold now.
    public func makeRecordReader() -> RecordReader {
        RecordReader(directory: directory, geometry: geometry, disk: disk)
    }
}
