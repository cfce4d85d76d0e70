extension Queue {
    /// Looks at messages without any effect on them: no redelivered flag, no count, no change of order, nothing that a
    /// consumer could tell.
    ///
    /// The work is done in small pieces (`WalkScheduler`) in later turns of the core. A page takes 4 MiB and a little for
    /// each message, besides eight bytes for each undeliverable message of the queue while unacked or undeliverable ones are
    /// looked for.
    ///
    /// - Parameter then: is called exactly once, on the core's loop: with a page, or with why there is none.
    public func browse(_ request: BrowseRequest, then: @escaping (Result<BrowsePage, WalkError>) -> Void) {
        walk(
            request, scannedMax: BrowseRequest.scannedMax,
            { PageCollector($0, limit: request.limit, bodyBytesMax: request.bodyBytesMax) },
            then: { result in
                then(
                    result.map { collector, end in
                        BrowsePage(
                            messages: collector.messages, scanned: end.scanned, undecided: collector.gate.undecided,
                            next: end.next)
                    })
            })
    }

    /// Counts messages, as `browse` looks at them. It takes no memory to speak of.
    ///
    /// - Parameters:
    ///   - request: its `limit` and `bodyBytesMax` mean nothing.
    ///   - scannedMax: how many messages are looked at; a count that ends there says where it goes on.
    ///   - then: as for `browse`.
    public func count(
        _ request: BrowseRequest, scannedMax: Int = MessageCount.scannedDefault,
        then: @escaping (Result<MessageCount, WalkError>) -> Void
    ) {
        walk(
            request, scannedMax: scannedMax, { MessageCounter($0) },
            then: { result in
                then(
                    result.map { counter, end in
                        MessageCount(
                            scanned: end.scanned, matched: counter.gate.matched, undecided: counter.gate.undecided,
                            bytes: counter.bytes, next: end.next)
                    })
            })
    }

    /// Has a visitor shown the messages that are asked for.
    ///
    /// - Parameter make: makes the visitor, which asks the gate for each message.
    func walk<Visitor: WalkVisitor>(
        _ request: BrowseRequest, scannedMax: Int, _ make: (FilterGate) -> Visitor,
        then: @escaping (Result<(Visitor, WalkEnd), WalkError>) -> Void
    ) {
        guard request.cursor.map({ $0.place.line < ready.lines.count }) ?? true else {
            return then(.failure(.badCursor))
        }
        let gate = FilterGate(request.filter, of: self, from: request.cursor?.place)
        let visitor = make(gate)
        guard !gate.isClosed else { return then(.success((visitor, WalkEnd(next: nil, scanned: 0)))) }
        let walk = QueueWalk(
            self, request.states, from: gate.begin, scannedMax: min(max(1, scannedMax), MessageCount.scannedMax),
            visitor: visitor
        ) { result in
            then(result.map { (visitor, $0) })
        }
        core.walks.begin(walk)
    }

    /// Finds when the oldest message joined the queue, in milliseconds since 1970; nil if there is none.
    ///
    /// - Parameter then: as for `browse`.
    public func findOldest(then: @escaping (Result<UInt64?, WalkError>) -> Void) {
        let finder = OldestFinder()
        let walk = QueueWalk(self, .all, from: nil, scannedMax: .max, tellsUndeliverable: false, visitor: finder) {
            result in
            then(result.map { _ in finder.publishedAtMilliseconds })
        }
        core.walks.begin(walk)
    }
}
