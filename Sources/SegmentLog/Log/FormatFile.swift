import CChecksum

/// The file `format` of a log's directory: a few lines of text that say which format the segments are in.
struct FormatFile {
    static let name = "format"
    static let version = SegmentHeader.formatVersion
    private static let title = "harrier segment log"

    let geometry: LogGeometry

    /// Durable when it returns.
    func write(directory: String, disk: any Disk) throws(StorageError) {
        let path = "\(directory)/\(Self.name)"
        let temporary = path + ".new"
        let file = try disk.openFile(at: temporary, create: true)
        try file.write(Array(text.utf8), at: 0)
        try file.sync()
        try disk.renameFile(at: temporary, to: path)
        try disk.syncDirectory(at: directory)
    }

    static func read(directory: String, disk: any Disk) throws(StorageError) -> FormatFile {
        let path = "\(directory)/\(name)"
        let file = try disk.openFile(at: path, create: false)
        let bytes = try file.readPrefix(byteCountMax: 4096)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .formatUnreadable(path: path)
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 2, lines[0] == title, lines[1].hasPrefix("version "),
            let found = Int(lines[1].dropFirst("version ".count))
        else { throw .formatUnreadable(path: path) }
        // A newer format may say anything below its version line.
        guard found <= version else { throw .formatTooNew(path: path, found: found, supported: version) }
        guard let geometry = geometry(lines: lines), FormatFile(geometry: geometry).text == text else {
            throw .formatUnreadable(path: path)
        }
        return FormatFile(geometry: geometry)
    }

    private static func geometry(lines: [Substring]) -> LogGeometry? {
        func value(_ line: Int, _ key: String, radix: Int = 10) -> Int? {
            guard line < lines.count, lines[line].hasPrefix(key + " ") else { return nil }
            return Int(lines[line].dropFirst(key.count + 1), radix: radix)
        }
        guard let segmentByteCount = value(2, "segment-bytes"), let pageByteCount = value(3, "page-bytes"),
            let salt = value(4, "salt", radix: 16), let salt = UInt32(exactly: salt)
        else { return nil }
        return LogGeometry(segmentByteCount: segmentByteCount, pageByteCount: pageByteCount, salt: salt)
    }

    private var text: String {
        let body = """
            \(Self.title)
            version \(Self.version)
            segment-bytes \(geometry.segmentByteCount)
            page-bytes \(geometry.pageByteCount)
            salt \(String(geometry.salt, radix: 16))

            """
        let checksum = Array(body.utf8).withUnsafeBytes { bytes in
            bytes.baseAddress.map { harrier_crc32c(0, $0, bytes.count) } ?? 0
        }
        return body + "checksum \(String(checksum, radix: 16))\n"
    }
}
