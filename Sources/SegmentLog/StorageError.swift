/// Why a log could not be opened, or stopped working.
public enum StorageError: Error, Equatable, Sendable {
    /// The operating system refused `operation` (the name of the system call) on `path`.
    case system(operation: String, path: String, errno: Int32)
    /// Another process (or another log in this one) holds the directory; its process id where it could be read.
    case locked(path: String, holder: Int32?)
    /// The directory was written by a newer version of the program.
    case formatTooNew(path: String, found: Int, supported: Int)
    /// The format file (or a segment's header) is there and makes no sense.
    case formatUnreadable(path: String)
}
