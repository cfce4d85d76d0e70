#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The memory of pages. Comes straight from the operating system, so that a drained backlog's memory really goes back
/// to it; a bounded number of free pages is kept, so that in steady state nothing is asked for or given back.
struct PagePool: ~Copyable {
    let pageByteCount: Int
    private let sparePagesMax: Int
    private var spare: [UnsafeMutableRawPointer] = []
    /// Memory handed out and kept spare.
    private(set) var residentByteCount = 0

    init(pageByteCount: Int, sparePagesMax: Int) {
        self.pageByteCount = pageByteCount
        self.sparePagesMax = sparePagesMax
        spare.reserveCapacity(sparePagesMax)
    }

    deinit {
        for memory in spare { munmap(memory, pageByteCount) }
    }

    /// `byteCount` bytes, at least a page; the content is whatever was there before.
    mutating func take(byteCount: Int) -> UnsafeMutableRawPointer {
        if byteCount == pageByteCount, let memory = spare.popLast() { return memory }
        residentByteCount += byteCount
        return Self.map(byteCount: byteCount)
    }

    /// Memory of that size that somebody else has mapped is to be given back here.
    mutating func adopt(byteCount: Int) { residentByteCount += byteCount }

    mutating func give(back memory: UnsafeMutableRawPointer, byteCount: Int) {
        if byteCount == pageByteCount, spare.count < sparePagesMax {
            spare.append(memory)
            return
        }
        residentByteCount -= byteCount
        munmap(memory, byteCount)
    }

    /// Fresh memory, all zeros, to be given back with `munmap`.
    static func map(byteCount: Int) -> UnsafeMutableRawPointer {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let memory, memory != MAP_FAILED else {
            fatalError("out of memory: no \(byteCount) bytes for a page of the log")
        }
        return memory
    }

    static func unmap(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
        munmap(memory, byteCount)
    }
}
