/// A hash table from raw bytes to values. Looking up needs no `String` and allocates nothing; entries stay owned by
/// the table, which single-threaded code owns. Keys may have any length below 4 GiB and any content.
///
/// Open addressing with linear probing over 32-bit tags, at most three quarters full; the entry is looked at only
/// when the whole tag fits. Removing moves followers up instead of leaving tombstones, and a table that has become
/// mostly empty shrinks.
public struct ByteTable<Value: ~Copyable>: ~Copyable {
    @usableFromInline
    struct Entry: ~Copyable {
        @usableFromInline let key: ByteKey
        @usableFromInline var value: Value

        @inlinable
        init(key: consuming ByteKey, value: consuming Value) {
            self.key = key
            self.value = value
        }
    }

    /// For each slot 0 if it is empty, otherwise the key's hash with the top bit set.
    @usableFromInline var tags: UnsafeMutablePointer<UInt32>
    @usableFromInline var entries: UnsafeMutablePointer<Entry>
    /// The number of slots, a power of two, less one.
    @usableFromInline var mask: Int
    @usableFromInline let hash: ByteHash
    @usableFromInline var entryCount: Int

    public init() {
        hash = ByteHash()
        entryCount = 0
        mask = 7
        tags = .allocate(capacity: 8)
        tags.initialize(repeating: 0, count: 8)
        entries = .allocate(capacity: 8)
    }

    @inlinable
    deinit {
        for slot in 0...mask where tags[slot] != 0 {
            (entries + slot).deinitialize(count: 1)
        }
        tags.deallocate()
        entries.deallocate()
    }
}

extension ByteTable where Value: ~Copyable {
    /// How many entries there are.
    @inlinable public var count: Int { entryCount }
    @inlinable public var isEmpty: Bool { entryCount == 0 }

    @inlinable
    public func contains(_ key: UnsafeRawBufferPointer) -> Bool {
        slot(of: key, tag: tag(of: key)) != nil
    }

    /// Adds an entry; false, and without effect, if there is one of that key.
    @inlinable
    @discardableResult
    public mutating func insert(_ value: consuming Value, for key: UnsafeRawBufferPointer) -> Bool {
        let tag = tag(of: key)
        guard slot(of: key, tag: tag) == nil else { return false }
        add(Entry(key: ByteKey(copying: key), value: value), tag: tag)
        return true
    }

    /// Sets the value of that key, and hands back the one that it replaces.
    @inlinable
    @discardableResult
    public mutating func update(_ value: consuming Value, for key: UnsafeRawBufferPointer) -> Value? {
        let tag = tag(of: key)
        guard let slot = slot(of: key, tag: tag) else {
            add(Entry(key: ByteKey(copying: key), value: value), tag: tag)
            return nil
        }
        swap(&entries[slot].value, &value)
        return value
    }

    /// Removes the entry of that key, and hands back its value.
    @inlinable
    @discardableResult
    public mutating func remove(_ key: UnsafeRawBufferPointer) -> Value? {
        guard let slot = slot(of: key, tag: tag(of: key)) else { return nil }
        let entry = (entries + slot).move()
        closeGap(at: slot)
        entryCount -= 1
        if mask > 7, entryCount < (mask + 1) / 8 { resize(toSlots: (mask + 1) / 2) }
        return entry.value
    }

    /// Calls `body` with the value of that key in place, if there is one.
    @inlinable
    public func withValue<Result: ~Copyable>(
        for key: UnsafeRawBufferPointer, _ body: (borrowing Value) -> Result
    ) -> Result? {
        guard let slot = slot(of: key, tag: tag(of: key)) else { return nil }
        return body(entries[slot].value)
    }

    /// Calls `body` with the value of that key to be changed in place, adding `initial()` first if there is none.
    @inlinable
    public mutating func withValue<Result: ~Copyable>(
        for key: UnsafeRawBufferPointer, default initial: @autoclosure () -> Value, _ body: (inout Value) -> Result
    ) -> Result {
        let tag = tag(of: key)
        let slot =
            slot(of: key, tag: tag) ?? add(Entry(key: ByteKey(copying: key), value: initial()), tag: tag)
        return body(&entries[slot].value)
    }

    /// Calls `body` with each entry, in no particular order; the key's bytes are valid during the call only.
    @inlinable
    public func forEach<Failure: Error>(
        _ body: (_ key: UnsafeRawBufferPointer, _ value: borrowing Value) throws(Failure) -> Void
    ) throws(Failure) {
        for slot in 0...mask where tags[slot] != 0 {
            try body(key(at: slot), entries[slot].value)
        }
    }
}

extension ByteTable {
    /// The value of that key.
    @inlinable
    public func value(for key: UnsafeRawBufferPointer) -> Value? {
        guard let slot = slot(of: key, tag: tag(of: key)) else { return nil }
        return entries[slot].value
    }
}

extension ByteTable where Value: ~Copyable {
    @inlinable
    func tag(of key: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(truncatingIfNeeded: hash(key)) | 1 << 31
    }

    @inlinable
    func key(at slot: Int) -> UnsafeRawBufferPointer {
        // The key is the first property of an entry, so it has the entry's address.
        ByteKey.bytes(at: UnsafeRawPointer(entries + slot).assumingMemoryBound(to: ByteKey.self))
    }

    @inlinable
    func slot(of key: UnsafeRawBufferPointer, tag: UInt32) -> Int? {
        var slot = Int(tag) & mask
        while true {
            let found = tags[slot]
            if found == tag, ByteHash.isEqual(self.key(at: slot), key) { return slot }
            if found == 0 { return nil }
            slot = (slot + 1) & mask
        }
    }

    /// Adds an entry whose key is not there, and tells its slot.
    @inlinable
    @discardableResult
    mutating func add(_ entry: consuming Entry, tag: UInt32) -> Int {
        if (entryCount + 1) * 4 > (mask + 1) * 3 { resize(toSlots: (mask + 1) * 2) }
        entryCount += 1
        let slot = freeSlot(for: tag)
        tags[slot] = tag
        (entries + slot).initialize(to: entry)
        return slot
    }

    @inlinable
    func freeSlot(for tag: UInt32) -> Int {
        var slot = Int(tag) & mask
        while tags[slot] != 0 {
            slot = (slot + 1) & mask
        }
        return slot
    }

    /// Moves up the entries that stand behind an emptied slot only because it was taken.
    @inlinable
    mutating func closeGap(at emptied: Int) {
        var gap = emptied
        var slot = (gap + 1) & mask
        while tags[slot] != 0 {
            let distanceFromHome = (slot - Int(tags[slot])) & mask
            if distanceFromHome >= (slot - gap) & mask {
                tags[gap] = tags[slot]
                (entries + gap).moveInitialize(from: entries + slot, count: 1)
                gap = slot
            }
            slot = (slot + 1) & mask
        }
        tags[gap] = 0
    }

    @inlinable
    @inline(never)
    mutating func resize(toSlots slotCount: Int) {
        let (oldTags, oldEntries, oldMask) = (tags, entries, mask)
        tags = .allocate(capacity: slotCount)
        tags.initialize(repeating: 0, count: slotCount)
        entries = .allocate(capacity: slotCount)
        mask = slotCount - 1
        for oldSlot in 0...oldMask where oldTags[oldSlot] != 0 {
            let slot = freeSlot(for: oldTags[oldSlot])
            tags[slot] = oldTags[oldSlot]
            (entries + slot).moveInitialize(from: oldEntries + oldSlot, count: 1)
        }
        oldTags.deallocate()
        oldEntries.deallocate()
    }
}
