#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Bytes that are looked for in others, in time linear in those, whatever they are (Knuth, Morris, Pratt).
struct SoughtBytes: Sendable {
    private let bytes: [UInt8]
    /// For each number of bytes that fit, how many of them still fit when the next one does not.
    private let fallbacks: [Int]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var fallbacks = Array(repeating: 0, count: bytes.count + 1)
        var length = 0
        for index in bytes.indices.dropFirst() {
            while length > 0, bytes[index] != bytes[length] { length = fallbacks[length] }
            if bytes[index] == bytes[length] { length += 1 }
            fallbacks[index + 1] = length
        }
        self.fallbacks = fallbacks
    }

    func isContained(in text: UnsafeRawBufferPointer) -> Bool {
        guard let first = bytes.first else { return true }
        guard bytes.count <= text.count, let base = text.baseAddress else { return false }
        var (offset, length) = (0, 0)
        while offset < text.count {
            if length == 0 {
                guard let found = memchr(base + offset, Int32(first), text.count - offset) else { return false }
                offset = UnsafeRawPointer(found) - base
            }
            while length > 0, bytes[length] != text[offset] { length = fallbacks[length] }
            if bytes[length] == text[offset] { length += 1 }
            offset += 1
            if length == bytes.count { return true }
        }
        return false
    }
}
