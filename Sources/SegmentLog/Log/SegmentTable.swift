/// The segments of a log by their numbers. Old ones go in any order.
struct SegmentTable: ~Copyable {
    private var table: SlidingTable<UnsafeMutablePointer<Segment>?>
    private let geometry: LogGeometry
    private(set) var count = 0

    init(geometry: LogGeometry, first: Int) {
        self.geometry = geometry
        table = SlidingTable(first: first)
    }

    deinit {
        for number in table.first..<table.end { table[number].pointee.map(Self.deallocate) }
    }

    /// Numbers that may be in use.
    var numbers: Range<Int> { table.first..<table.end }

    /// Nil for a segment that is gone, or never was.
    @inline(__always)
    subscript(number: Int) -> UnsafeMutablePointer<Segment>? {
        guard number >= table.first, number < table.end else { return nil }
        return table[number].pointee
    }

    /// Makes an entry, with pages that are all absent.
    mutating func insert(_ number: Int) -> UnsafeMutablePointer<Segment> {
        if let segment = self[number] { return segment }
        precondition(number >= table.first, "segments come in order")
        while table.end <= number { table.append(nil) }
        let pageCount = Int(geometry.segmentByteCount / geometry.pageByteCount)
        let pages = UnsafeMutablePointer<Page>.allocate(capacity: pageCount)
        pages.initialize(repeating: .absent, count: pageCount)
        let segment = UnsafeMutablePointer<Segment>.allocate(capacity: 1)
        segment.initialize(
            to: Segment(number: number, base: geometry.segmentBase(number: number), pages: pages, oldestSettled: number)
        )
        table[number].pointee = segment
        count += 1
        return segment
    }

    mutating func remove(_ number: Int) {
        guard let segment = self[number] else { return }
        Self.deallocate(segment)
        table[number].pointee = nil
        count -= 1
        while table.count > 1, table[table.first].pointee == nil { table.removeFirst() }
    }

    /// Forgets the segments behind that one: the log turned out to end in it, so their numbers come again.
    mutating func removeAll(behind number: Int) {
        while table.end - 1 > number, table.count > 0 {
            if let segment = table[table.end - 1].pointee {
                Self.deallocate(segment)
                count -= 1
            }
            table.removeLast()
        }
    }

    private static func deallocate(_ segment: UnsafeMutablePointer<Segment>) {
        segment.pointee.pages.deallocate()
        segment.deallocate()
    }
}
