/// What a log needs of a file system: the seam where tests put one that loses, tears and refuses writes.
///
/// A call that throws has done its work in part or not at all; the log never tries a failed write or sync again.
/// May be called from the owner's thread and the log's writer thread at the same time, never for the same bytes.
public protocol Disk: Sendable {
    /// Makes the directory, and those above it, unless it is there; a new one survives a power failure.
    func createDirectory(at path: String) throws(StorageError)
    /// Takes the lock file, so that one log at a time uses a directory. Throws `StorageError.locked` when it is taken.
    func lock(at path: String) throws(StorageError) -> any DiskLock
    /// The names of all files in a directory, in any order.
    func fileNames(in directory: String) throws(StorageError) -> [String]
    /// Opens a file for reading and writing; `create` makes it, or empties it if it is there.
    func openFile(at path: String, create: Bool) throws(StorageError) -> any DiskFile
    func deleteFile(at path: String) throws(StorageError)
    /// Replaces whatever is at `newPath`.
    func renameFile(at path: String, to newPath: String) throws(StorageError)
    /// Files made, renamed or deleted in the directory stay so after a power failure once this has returned.
    func syncDirectory(at path: String) throws(StorageError)
    /// Bytes that can still be written to the file system that holds the directory.
    func freeByteCount(at path: String) throws(StorageError) -> Int
}

/// An open file; closed when the last reference to it goes.
public protocol DiskFile: AnyObject, Sendable {
    func byteCount() throws(StorageError) -> Int
    /// Fills `bytes` from `offset` on, and tells how much it got: less than asked for only at the end of the file.
    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageError) -> Int
    /// Writes all bytes; they are on disk after the next `sync`.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageError)
    /// Reserves room up to `byteCount`, so that later writes in it cannot run out of space; new bytes read as zeros.
    func preallocate(byteCount: Int) throws(StorageError)
    /// Makes the first `byteCount` bytes read as zeros, as in a file that has just been reserved, and keeps their space.
    /// On disk after the next `sync`. Throws where the file system can't.
    func zero(byteCount: Int) throws(StorageError)
    /// Tells the operating system that what is on disk will not be read soon: it need not keep it in memory as well.
    func leaveMemory()
    /// Drops everything behind `byteCount`.
    func truncate(to byteCount: Int) throws(StorageError)
    /// What was written before is on disk when this has returned.
    func sync() throws(StorageError)
}

/// A held lock. The operating system gives it back when the process ends, however it ends.
public protocol DiskLock: AnyObject, Sendable {
    func release()
}

extension DiskFile {
    func write(_ bytes: [UInt8], at offset: Int) throws(StorageError) {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(StorageError) in try write(bytes, at: offset) }
        }
        try result.get()
    }

    /// At most `byteCountMax` bytes from the start of the file.
    func readPrefix(byteCountMax: Int) throws(StorageError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCountMax)
        let result = bytes.withUnsafeMutableBytes { bytes in
            Result { () throws(StorageError) in try read(into: bytes, at: 0) }
        }
        return Array(bytes.prefix(try result.get()))
    }
}
