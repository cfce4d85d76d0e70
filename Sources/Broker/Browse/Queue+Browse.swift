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
        guard request.cursor.map({ $0.place.line < ready.lines.count }) ?? true else {
            return then(.failure(.badCursor))
        }
        let collector = PageCollector(limit: request.limit, bodyBytesMax: request.bodyBytesMax)
        let walk = QueueWalk(
            self, request.states, from: request.cursor?.place, scannedMax: BrowseRequest.scannedMax, visitor: collector
        ) { result in
            then(
                result.map { end in
                    BrowsePage(messages: collector.messages, scanned: end.scanned, next: end.next)
                })
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
