/// What is known of one segment of a log, and what keeps it on disk. Lies at an address of its own.
struct Segment: BitwiseCopyable {
    let number: Int
    let base: UInt64
    let pages: UnsafeMutablePointer<Page>
    /// References to messages, which go away by themselves.
    var references = 0
    /// References to topology, which stay until the owner writes it anew.
    var pinned = 0
    /// Bytes of the records that these references keep, a record's share for each of its references.
    var liveByteCount = 0
    /// The end of the log when the last reference went: what was appended before it may be the reason why it went, so
    /// that must be durable before the segment is deleted.
    var deadSince: UInt64 = 0
    /// The oldest segment with something that a record in this one settles; its own number if there is none. While
    /// that one is there, this one can't go without its word being written anew.
    var oldestSettled: Int
    /// Something in it could not be moved: it stays until what it holds is settled.
    var isImmovable = false
    /// A checkpoint knew it, and there is no file.
    var isMissing = false

    var isDead: Bool { references == 0 && pinned == 0 }
}
