/// What keeps one segment of a log on disk.
struct SegmentReferences: BitwiseCopyable {
    /// References to messages, which go away by themselves.
    var messages = 0
    /// References to topology, which the owner appends anew elsewhere when asked to.
    var pinned = 0
    /// The end of the log when the last reference went: what was appended before it may be the reason why it went, so
    /// that must be durable before the segment is deleted.
    var deadSince: UInt64 = 0

    var isDead: Bool { messages == 0 && pinned == 0 }
}
