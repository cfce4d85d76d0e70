import CFileSystem

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file descriptor of `FileDisk`.
final class PosixFile: DiskFile {
    let path: String
    let descriptor: Int32

    init(path: String, flags: Int32) throws(StorageError) {
        let descriptor = open(path, flags | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw .system(operation: "open", path: path, errno: errno) }
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    func byteCount() throws(StorageError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("fstat") }
        return Int(status.st_size)
    }

    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageError) -> Int {
        guard let start = bytes.baseAddress else { return 0 }
        var done = 0
        while done < bytes.count {
            let count = pread(descriptor, start + done, bytes.count - done, off_t(offset + done))
            if count == 0 { break }
            if count > 0 {
                done += count
            } else if errno != EINTR {
                throw failure("pread")
            }
        }
        return done
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageError) {
        guard let start = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            let count = pwrite(descriptor, start + done, bytes.count - done, off_t(offset + done))
            if count > 0 {
                done += count
            } else if count == 0 || errno != EINTR {
                throw failure("pwrite")
            }
        }
    }

    func preallocate(byteCount: Int) throws(StorageError) {
        #if os(Linux)
            while true {
                let code = posix_fallocate(descriptor, 0, off_t(byteCount))
                if code == 0 { return }
                if code == EOPNOTSUPP || code == ENOSYS { break }
                guard code == EINTR else {
                    throw .system(operation: "posix_fallocate", path: path, errno: code)
                }
            }
        #endif
        // Not every file system can reserve space; the file gets its length all the same.
        guard try self.byteCount() < byteCount else { return }
        try setLength(byteCount)
    }

    func zero(byteCount: Int) throws(StorageError) {
        while harrier_zero_range(descriptor, Int64(byteCount)) != 0 {
            guard errno == EINTR else { throw failure("fallocate") }
        }
    }

    func leaveMemory() {
        #if os(Linux)
            // Advice: what it says of a failure is of no use.
            _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
        #endif
    }

    func truncate(to byteCount: Int) throws(StorageError) {
        try setLength(byteCount)
    }

    func sync() throws(StorageError) {
        #if os(Linux)
            guard fdatasync(descriptor) == 0 else { throw failure("fdatasync") }
        #else
            // fsync does not reach the platter there.
            guard fcntl(descriptor, F_FULLFSYNC) == 0 else { throw failure("fcntl(F_FULLFSYNC)") }
        #endif
    }

    private func setLength(_ byteCount: Int) throws(StorageError) {
        while ftruncate(descriptor, off_t(byteCount)) != 0 {
            guard errno == EINTR else { throw failure("ftruncate") }
        }
    }

    private func failure(_ operation: String) -> StorageError {
        .system(operation: operation, path: path, errno: errno)
    }
}

/// The flock on a directory's lock file; held as long as the descriptor is open.
final class PosixLock: DiskLock {
    private let file: PosixFile

    init(file: PosixFile) {
        self.file = file
    }

    func release() {
        flock(file.descriptor, LOCK_UN)
    }
}
