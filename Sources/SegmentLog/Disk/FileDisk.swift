#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The disk of the operating system.
public struct FileDisk: Disk {
    public init() {}

    public func createDirectory(at path: String) throws(StorageError) {
        if mkdir(path, 0o750) != 0 {
            if errno == EEXIST { return }
            guard errno == ENOENT, let parent = Self.parent(of: path) else {
                throw .system(operation: "mkdir", path: path, errno: errno)
            }
            try createDirectory(at: parent)
            guard mkdir(path, 0o750) == 0 || errno == EEXIST else {
                throw .system(operation: "mkdir", path: path, errno: errno)
            }
        }
        try syncDirectory(at: Self.parent(of: path) ?? ".")
    }

    /// Nil for a path of one component below the working directory, and for the root.
    private static func parent(of path: String) -> String? {
        let parts = path.split(separator: "/")
        let parent = parts.dropLast().joined(separator: "/")
        if path.hasPrefix("/") { return parts.isEmpty ? nil : "/" + parent }
        return parent.isEmpty ? nil : parent
    }

    public func lock(at path: String) throws(StorageError) -> any DiskLock {
        let file = try PosixFile(path: path, flags: O_RDWR | O_CREAT)
        guard flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else { throw .system(operation: "flock", path: path, errno: errno) }
            throw .locked(path: path, holder: Self.holder(of: file))
        }
        // For people who wonder who holds it; the lock itself is the flock, so an old number left here does no harm.
        try file.truncate(to: 0)
        try file.write(Array("\(getpid())\n".utf8), at: 0)
        return PosixLock(file: file)
    }

    private static func holder(of file: PosixFile) -> Int32? {
        guard let bytes = try? file.readPrefix(byteCountMax: 16) else { return nil }
        return Int32(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    public func fileNames(in directory: String) throws(StorageError) -> [String] {
        guard let stream = opendir(directory) else {
            throw .system(operation: "opendir", path: directory, errno: errno)
        }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw .system(operation: "readdir", path: directory, errno: errno) }
        return names
    }

    public func openFile(at path: String, create: Bool) throws(StorageError) -> any DiskFile {
        try PosixFile(path: path, flags: create ? O_RDWR | O_CREAT | O_TRUNC : O_RDWR)
    }

    public func deleteFile(at path: String) throws(StorageError) {
        guard unlink(path) == 0 else { throw .system(operation: "unlink", path: path, errno: errno) }
    }

    public func renameFile(at path: String, to newPath: String) throws(StorageError) {
        guard rename(path, newPath) == 0 else { throw .system(operation: "rename", path: newPath, errno: errno) }
    }

    public func syncDirectory(at path: String) throws(StorageError) {
        let directory = try PosixFile(path: path, flags: O_RDONLY | O_DIRECTORY)
        guard fsync(directory.descriptor) == 0 else { throw .system(operation: "fsync", path: path, errno: errno) }
    }

    public func freeByteCount(at path: String) throws(StorageError) -> Int {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { throw .system(operation: "statvfs", path: path, errno: errno) }
        return Int(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    }
}
