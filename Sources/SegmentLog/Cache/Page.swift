/// What is known of one page of a log. A large record's pages are one allocation, which the first of them describes.
struct Page: BitwiseCopyable {
    /// Where the page lies in memory, nil if it does not.
    var memory: UnsafeMutableRawPointer?
    /// How many references to records in it are held.
    var references: UInt32 = 0
    /// Where its content ends, from the start of the page; known once nothing more is appended to it.
    var usedByteCount: UInt32 = 0
    /// How large `memory` is.
    var memoryByteCount: UInt32 = 0
    /// Its frame in the page cache, -1 if it is not in memory.
    var frame: Int32 = -1
    /// Read back from disk: its records are checked before they are handed out.
    var isFromDisk = false
    /// Is being read.
    var isLoading = false
    /// Could not be read.
    var hasFailed = false

    static var absent: Page { Page(memory: nil) }
}
