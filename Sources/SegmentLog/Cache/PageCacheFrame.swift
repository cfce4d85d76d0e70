/// What the policy knows of one resident page. Two of them in a cache line, as victims are looked for by walking over
/// them.
struct PageCacheFrame: BitwiseCopyable {
    var key: UInt64 = 0
    /// The log address that the page belongs to.
    var place: UInt64 = 0
    var byteCount: UInt32 = 0
    /// The next younger frame in the list, -1 if this is the youngest.
    var younger: Int32 = -1
    /// The next older frame in the list, -1 if this is the oldest. Of a free frame: the next free one.
    var older: Int32 = -1
    var home = PageCacheHome.free
    var claim = EvictionClaim.none
}
