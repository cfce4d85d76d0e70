/// A hash that is the same in every run and on every machine: where messages go must not change with a restart, or with a
/// new version of Harrier. So these constants are for ever.
enum StableHash {
    private static let first: UInt64 = 0x9E37_79B9_7F4A_7C15
    private static let second: UInt64 = 0xD1B5_4A32_D192_ED03

    static func hash(_ number: UInt64) -> UInt64 {
        mix(mix(number ^ first, second), first)
    }

    /// Eight bytes a step; what is left over is filled up with zeros, and the length tells it from real ones.
    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var state = first ^ UInt64(bytes.count)
        var offset = 0
        while offset + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            state = mix(state ^ word, second)
            offset += 8
        }
        var rest: UInt64 = 0
        while offset < bytes.count {
            rest = rest << 8 | UInt64(bytes[offset])
            offset += 1
        }
        return mix(mix(state ^ rest, second), first)
    }

    /// Two words to one: both halves of their product, so that every bit of either counts. A word that is zero would
    /// swallow the other, so it is not multiplied alone.
    @inline(__always)
    static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        // Both are any bits; nothing is counted with them.
        return (product.high ^ product.low) &+ left
    }
}
