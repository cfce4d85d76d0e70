#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Why a log could not be opened, or stopped working.
public enum StorageError: Error, Equatable, Sendable {
    /// The operating system refused `operation` (the name of the system call) on `path`.
    case system(operation: String, path: String, errno: Int32)
    /// Another process (or another log in this one) holds the directory; its process id where it could be read.
    case locked(path: String, holder: Int32?)
    /// The directory was written by a newer version of the program.
    case formatTooNew(path: String, found: Int, supported: Int)
    /// The format file is there and makes no sense, or it is not there and no segment tells what it said.
    case formatUnreadable(path: String)
    /// A segment file belongs to another log, or to another place in this one.
    case foreignSegment(path: String)
    /// A file is shorter than what is known to be in it.
    case truncated(path: String)
    /// A checkpoint took so long that what it speaks of has gone.
    case outdated(path: String)
}

extension StorageError {
    /// Whether it is only that there is no space left.
    public var isDiskFull: Bool {
        guard case .system(_, _, let code) = self else { return false }
        return code == ENOSPC || code == EDQUOT
    }
}

extension StorageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .system(let operation, let path, let errno):
            return "\(operation) \(path): \(String(cString: strerror(errno))) (\(errno))"
        case .locked(let path, let holder):
            let who = holder.map { "process \($0)" } ?? "another process"
            return "\(path): the directory is in use by \(who)"
        case .formatTooNew(let path, let found, let supported):
            return """
                \(path): format \(found) was written by a newer version of this program, which knows formats up to \
                \(supported); start the newer version, or use another directory
                """
        case .formatUnreadable(let path):
            return """
                \(path): unreadable; if there are good segment files beside it, it is made again from them once it is \
                moved away
                """
        case .foreignSegment(let path):
            return "\(path): the file belongs to another log or was renamed; move it away, or put it back"
        case .truncated(let path):
            return "\(path): the file is shorter than it should be"
        case .outdated(let path):
            return "\(path): it was outdated before it could be written"
        }
    }
}
