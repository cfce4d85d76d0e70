#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The two streams of a command: what programs read goes to standard output, what people read to standard error.
enum StandardStream: Int32 {
    case output = 1
    case error = 2

    /// Writes a line at once, past any buffer. A stream that is closed has nobody to tell, so failures are ignored.
    func writeLine(_ line: String) {
        writeText(line + "\n")
    }

    /// Whether a person looks at it.
    var isTerminal: Bool { isatty(rawValue) == 1 }

    /// Writes text as it is, likewise.
    func writeText(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { write(rawValue, $0.baseAddress, $0.count) }
            guard written > 0 || errno == EINTR else { return }
            bytes = bytes.dropFirst(max(written, 0))
        }
    }
}
