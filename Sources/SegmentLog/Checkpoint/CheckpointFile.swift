import CChecksum

/// The file `checkpoint`: what the owner knew at a position of the log, so that a start need not read what is before it.
/// A side file: without it, or with one that is damaged, the whole log is read.
enum CheckpointFile {
    static let name = "checkpoint"
    private static let magic: UInt64 = 0x3154_504b_4352_4148  // "HARCKPT1"
    /// Magic, salt of the log, checksum of the rest, position, bytes of content.
    private static let headByteCount = 32

    struct Content {
        /// Records from here on are not in it.
        let position: LogPosition
        let bytes: [UInt8]
    }

    /// Durable when it returns; the file that was there before stays until then.
    static func write(
        _ content: Content, directory: String, salt: UInt32, disk: any Disk
    ) throws(StorageError) {
        var head = CheckpointEncoder()
        head.append(magic)
        head.append(salt)
        head.append(checksum(content))
        head.append(content.position.rawValue)
        head.append(UInt64(content.bytes.count))
        let path = "\(directory)/\(name)"
        let temporary = path + ".new"
        let file = try disk.openFile(at: temporary, create: true)
        try file.write(head.bytes, at: 0)
        try file.write(content.bytes, at: headByteCount)
        try file.sync()
        try disk.renameFile(at: temporary, to: path)
        try disk.syncDirectory(at: directory)
    }

    /// Durable when it returns.
    static func remove(directory: String, disk: any Disk) throws(StorageError) {
        guard try disk.fileNames(in: directory).contains(name) else { return }
        try disk.deleteFile(at: "\(directory)/\(name)")
        try disk.syncDirectory(at: directory)
    }

    /// What is there, nil if there is nothing, or nothing whole, or something of another log.
    static func read(directory: String, salt: UInt32, disk: any Disk) throws(StorageError) -> Content? {
        guard try disk.fileNames(in: directory).contains(name) else { return nil }
        let file = try disk.openFile(at: "\(directory)/\(name)", create: false)
        let count = try file.byteCount()
        guard count >= headByteCount else { return nil }
        var all = try file.readPrefix(byteCountMax: count)
        var head = CheckpointDecoder(Array(all.prefix(headByteCount)))
        guard all.count == count, (try? head.read(UInt64.self)) == magic, (try? head.read(UInt32.self)) == salt,
            let sum = try? head.read(UInt32.self), let position = try? head.read(UInt64.self),
            let size = try? head.read(UInt64.self), size == UInt64(count - headByteCount)
        else { return nil }
        all.removeFirst(headByteCount)
        let content = Content(position: LogPosition(rawValue: position), bytes: all)
        return checksum(content) == sum ? content : nil
    }

    private static func checksum(_ content: Content) -> UInt32 {
        var position = content.position.rawValue.littleEndian
        let start = harrier_crc32c(0, &position, 8)
        return content.bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return start }
            return harrier_crc32c(start, base, bytes.count)
        }
    }
}
