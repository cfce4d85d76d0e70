import HarrierManagement

/// Goes through a listing that has a cursor.
struct PagedItems {
    /// What the broker gives in one page at the most.
    private static let pageLimitMax = 1000

    private(set) var items: [JSONObject] = []
    private(set) var scanned = 0
    private(set) var undecided = 0
    /// Where it goes on; nil if it is complete.
    private(set) var cursor: String?

    /// - Parameters:
    ///   - query: beside `limit` and `cursor`.
    ///   - limit: how many items are wanted.
    ///   - isOnePage: what the broker gives at once is enough.
    init(
        _ client: ManagementClient, _ path: [String], _ query: [(String, String)], limit: Int, cursor: String?,
        isOnePage: Bool = false
    ) async throws(ManagementError) {
        self.cursor = cursor
        repeat {
            var page = query
            page.append(("limit", "\(min(Self.pageLimitMax, limit - items.count))"))
            if let cursor = self.cursor { page.append(("cursor", cursor)) }
            let answer = try await client.object(path, page)
            items += answer.objects("items") ?? []
            scanned += answer.integer("scanned") ?? 0
            undecided += answer.integer("undecided") ?? 0
            self.cursor = answer.text("cursor")
        } while !isOnePage && self.cursor != nil && items.count < limit
    }

    /// Says on standard error how much of the queue that was.
    func reportAlways(as thing: String) {
        StandardStream.error.writeLine(
            ScanReport(
                shown: "\(ScanReport.count(items.count, thing)) shown", scanned: scanned, undecided: undecided,
                cursor: cursor
            ).text)
    }

    /// Says on standard error what has not been shown, so that nobody takes a part for the whole.
    func report(as thing: String) {
        guard let cursor else { return }
        StandardStream.error.writeLine(
            "\(ScanReport.count(items.count, thing)) shown, \(scanned) looked at; incomplete: go on with --cursor \(cursor)"
        )
    }
}
