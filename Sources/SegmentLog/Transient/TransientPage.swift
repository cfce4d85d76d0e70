/// What is known of one page of the transient log. A record larger than a page has one of its own size.
struct TransientPage: BitwiseCopyable {
    /// Where it lies in memory, nil if it does not.
    var memory: UnsafeMutableRawPointer?
    /// How many references to records in it are held.
    var references: UInt32 = 0
    /// How large it is; 0 for a number that is not in use.
    var byteCount: UInt32 = 0
    /// Its frame in the page cache, -1 if it is not in memory.
    var frame: Int32 = -1
    /// Where it is in the side file, -1 if it is not.
    var slot: Int32 = -1
    /// A job reads into or writes from its memory.
    var isBusy = false
    /// It could not be written or read: it stays in memory, or is lost.
    var hasFailed = false

    static var unused: TransientPage { TransientPage(memory: nil) }
}
