/// A hash of raw bytes for tables in memory, and the comparison that goes with it. Two random words are multiplied
/// into every step, so that nobody who does not know them can choose keys that collide.
@usableFromInline
struct ByteHash {
    @usableFromInline let secret: UInt64
    @usableFromInline let seed: UInt64

    @usableFromInline
    init() {
        var generator = SystemRandomNumberGenerator()
        secret = generator.next()
        seed = generator.next()
    }

    /// Reads keys of up to 16 bytes as two overlapping halves, longer ones in steps of 16 with the last 16 bytes as
    /// the end, so that there is no loop over single bytes.
    @inlinable
    func callAsFunction(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        let count = bytes.count
        guard count > 0, let start = bytes.baseAddress else { return seed }
        var state = seed
        let low: UInt64
        let high: UInt64
        if count > 16 {
            var offset = 0
            while offset < count - 16 {
                state = Self.mix(Self.word(start + offset) ^ secret, Self.word(start + offset + 8) ^ state)
                offset += 16
            }
            low = Self.word(start + count - 16)
            high = Self.word(start + count - 8)
        } else if count >= 8 {
            low = Self.word(start)
            high = Self.word(start + count - 8)
        } else if count >= 4 {
            low = UInt64(start.loadUnaligned(as: UInt32.self))
            high = UInt64((start + count - 4).loadUnaligned(as: UInt32.self))
        } else {
            low = UInt64(bytes[0]) << 8 | UInt64(bytes[count / 2])
            high = UInt64(bytes[count - 1])
        }
        return Self.mix(Self.mix(low ^ secret, high ^ state) ^ secret, UInt64(count) ^ seed)
    }

    @inlinable
    static func isEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        let count = left.count
        guard count == right.count else { return false }
        guard count > 0, let left = left.baseAddress, let right = right.baseAddress else { return true }
        if count >= 8 {
            var offset = 0
            while offset < count - 8 {
                if word(left + offset) != word(right + offset) { return false }
                offset += 8
            }
            return word(left + count - 8) == word(right + count - 8)
        }
        if count >= 4 {
            let end = count - 4
            return left.loadUnaligned(as: UInt32.self) == right.loadUnaligned(as: UInt32.self)
                && (left + end).loadUnaligned(as: UInt32.self) == (right + end).loadUnaligned(as: UInt32.self)
        }
        return byte(left, 0) == byte(right, 0) && byte(left, count / 2) == byte(right, count / 2)
            && byte(left, count - 1) == byte(right, count - 1)
    }

    @inlinable
    static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }

    @inlinable
    static func word(_ pointer: UnsafeRawPointer) -> UInt64 {
        pointer.loadUnaligned(as: UInt64.self)
    }

    @inlinable
    static func byte(_ pointer: UnsafeRawPointer, _ offset: Int) -> UInt8 {
        pointer.load(fromByteOffset: offset, as: UInt8.self)
    }
}
