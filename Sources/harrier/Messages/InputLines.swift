#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The lines of standard input, in the batches in which they come: as soon as a program or a person has written some,
/// they can be worked on.
struct InputLines {
    /// How much is read at a time, in bytes. A line may be longer.
    private static let chunkBytes = 1 << 16

    private var partialLine: [UInt8] = []
    private var isAtEnd = false

    /// The next lines, without their ends; `nil` at the end of the input. Blocks the thread until there is one.
    mutating func next() throws(InputError) -> [[UInt8]]? {
        while !isAtEnd {
            let chunk = try Self.readChunk()
            if chunk.isEmpty {
                isAtEnd = true
                return partialLine.isEmpty ? nil : [partialLine]
            }
            var lines = chunk.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
            lines[0] = partialLine + lines[0]
            partialLine = lines.removeLast()
            if !lines.isEmpty { return lines }
        }
        return nil
    }

    private static func readChunk() throws(InputError) -> [UInt8] {
        var errorNumber: Int32 = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: chunkBytes) { buffer, count in
            var result = 0
            repeat {
                result = read(STDIN_FILENO, buffer.baseAddress, buffer.count)
            } while result < 0 && errno == EINTR
            errorNumber = result < 0 ? errno : 0
            count = max(result, 0)
        }
        guard errorNumber == 0 else { throw InputError(errorNumber: errorNumber) }
        return chunk
    }
}

/// Standard input could not be read.
struct InputError: Error, CustomStringConvertible {
    let errorNumber: Int32

    var description: String { "could not read standard input: \(String(cString: strerror(errorNumber)))" }
}
