/// A log that several queues share, without the messages: it tells a trace which pages there are and which are needed.
struct SimulatedLog {
    /// What a message is kept in.
    enum Medium: Int {
        case durable, transient

        var pageByteCount: Int { self == .durable ? 256 << 10 : 64 << 10 }
    }

    /// Messages of a queue that follow each other in one page.
    private struct Run {
        let page: Int
        /// How many are not read.
        var count: Int
    }

    private struct Queue {
        var runs: [Run] = []
        /// The first run that may have something to read.
        var next = 0
        /// The same for its index pages.
        var index: [Run] = []
        var nextIndex = 0
        /// Entries that fit into its last index page.
        var indexRoom = 0
    }

    private struct OpenPage {
        var number = -1
        var room = 0
    }

    private static let indexPageByteCount = 4 << 10
    private static let entriesPerIndexPage = indexPageByteCount / 16

    private(set) var trace = PageTrace()
    private(set) var tail: UInt64 = 0
    private let hasIndexPages: Bool
    private var queues: [Queue]
    /// Messages (entries, of an index page) in a page that are not settled, and one more while it is open.
    private var references: [Int] = []
    private var openPages = [OpenPage(), OpenPage()]

    init(queueCount: Int, hasIndexPages: Bool = false) {
        queues = Array(repeating: Queue(), count: queueCount)
        self.hasIndexPages = hasIndexPages
    }

    mutating func publish(byteCount: Int, to targets: [Int], medium: Medium = .durable) {
        let stream = medium.rawValue
        if byteCount > openPages[stream].room {
            closePage(of: stream)
            let pageByteCount = medium.pageByteCount
            let room = (max(byteCount, pageByteCount) + pageByteCount - 1) / pageByteCount * pageByteCount
            openPages[stream] = OpenPage(number: begin(byteCount: room), room: room)
        }
        openPages[stream].room -= byteCount
        tail += UInt64(byteCount)
        for target in targets { enqueue(target, page: openPages[stream].number) }
        if byteCount > medium.pageByteCount { closePage(of: stream) }
    }

    private mutating func begin(byteCount: Int) -> Int {
        references.append(1)
        return trace.open(PageTrace.Page(byteCount: byteCount, place: tail))
    }

    private mutating func closePage(of stream: Int) {
        if openPages[stream].number >= 0 { close(openPages[stream].number) }
        openPages[stream] = OpenPage()
    }

    private mutating func close(_ page: Int) {
        trace.record(.close, page: page)
        release(page)
    }

    private mutating func enqueue(_ target: Int, page: Int) {
        references[page] += 1
        if let last = queues[target].runs.indices.last, queues[target].runs[last].page == page {
            queues[target].runs[last].count += 1
        } else {
            queues[target].runs.append(Run(page: page, count: 1))
        }
        if hasIndexPages { enqueueEntry(target) }
    }

    private mutating func enqueueEntry(_ target: Int) {
        if queues[target].indexRoom == 0 {
            queues[target].index.append(Run(page: begin(byteCount: Self.indexPageByteCount), count: 0))
            queues[target].indexRoom = Self.entriesPerIndexPage
        }
        let last = queues[target].index.count - 1
        let page = queues[target].index[last].page
        queues[target].index[last].count += 1
        references[page] += 1
        queues[target].indexRoom -= 1
        if queues[target].indexRoom == 0 { close(page) }
    }

    /// One message in the page is settled.
    mutating func release(_ page: Int) {
        references[page] -= 1
        if references[page] == 0 { trace.record(.remove, page: page) }
    }

    /// How far the queue's next message lies behind the tail, nil if there is none.
    mutating func lag(of queue: Int) -> UInt64? {
        while queues[queue].next < queues[queue].runs.count {
            let run = queues[queue].runs[queues[queue].next]
            if run.count > 0 { return tail - trace.pages[run.page].place }
            // It may get more as long as it is the last.
            if queues[queue].next == queues[queue].runs.count - 1 { return nil }
            queues[queue].next += 1
        }
        return nil
    }

    /// The queue's consumer takes up to `countMax` messages, as many as lie in one page. One access, however many.
    ///
    /// - Parameter settles: whether the consumer is done with them; if not, it calls `release` for each later.
    /// - Returns: the page, and how many messages.
    mutating func read(_ queue: Int, countMax: Int, settles: Bool) -> (page: Int, count: Int) {
        let next = queues[queue].next
        let run = queues[queue].runs[next]
        let count = min(countMax, run.count)
        if hasIndexPages { readIndex(queue, count: count) }
        trace.record(.access, page: run.page)
        queues[queue].runs[next].count -= count
        if settles { for _ in 0..<count { release(run.page) } }
        return (run.page, count)
    }

    private mutating func readIndex(_ queue: Int, count: Int) {
        var left = count
        while left > 0 {
            let next = queues[queue].nextIndex
            let run = queues[queue].index[next]
            let taken = min(left, run.count)
            if taken == 0 {
                queues[queue].nextIndex += 1
                continue
            }
            trace.record(.access, page: run.page)
            queues[queue].index[next].count -= taken
            left -= taken
            for _ in 0..<taken { release(run.page) }
        }
    }

    /// Somebody looks at a page out of turn.
    mutating func look(at page: Int) {
        if references[page] > 0 { trace.record(.access, page: page) }
    }
}
