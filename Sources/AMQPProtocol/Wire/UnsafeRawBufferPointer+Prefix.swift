extension UnsafeRawBufferPointer {
    /// Whether the bytes begin with those: a comparison by words, where the collection's `starts(with:)` goes by elements.
    @inlinable @inline(__always)
    public func starts(withBytesOf prefix: UnsafeRawBufferPointer) -> Bool {
        let length = prefix.count
        guard count >= length else { return false }
        var offset = 0
        while offset + 8 <= length {
            guard
                loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    == prefix.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            else { return false }
            offset += 8
        }
        if length >= 8 {
            // The last word overlaps the one before.
            return loadUnaligned(fromByteOffset: length - 8, as: UInt64.self)
                == prefix.loadUnaligned(fromByteOffset: length - 8, as: UInt64.self)
        }
        while offset < length {
            guard self[offset] == prefix[offset] else { return false }
            offset += 1
        }
        return true
    }
}
