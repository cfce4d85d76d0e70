import SegmentLog

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Why `serve` ended, in words for whoever started it.
struct FailureText: Error, CustomStringConvertible {
    let description: String

    init(_ error: any Error) {
        description = (error as? StorageError).map(Self.text) ?? "\(error)"
    }

    private static func text(_ error: StorageError) -> String {
        switch error {
        case .system(let operation, let path, let code):
            "\(path): \(String(cString: strerror(code))) (\(operation))"
        case .locked(let path, let holder):
            "the data directory \(path) is in use by "
                + (holder.map { "the process with pid \($0)" } ?? "another process")
                + "; give each broker its own with --data-dir"
        case .formatTooNew(let path, let found, let supported):
            "\(path) was written by a newer Harrier: its format is \(found), this one reads up to \(supported)"
        case .formatUnreadable(let path):
            "\(path) is damaged or was not written by Harrier"
        }
    }
}
