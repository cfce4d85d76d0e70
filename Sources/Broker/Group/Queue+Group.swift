extension Queue {
    /// Groups messages by what they have in common, with no effect on them, as `browse` looks at them. It takes up to 300 bytes
    /// for each of up to `MessageGroups.trackedMax` groups.
    ///
    /// - Parameters:
    ///   - request: its `limit` and `bodyBytesMax` mean nothing.
    ///   - limit: of groups that are listed.
    ///   - then: as for `browse`.
    public func group(
        _ request: BrowseRequest, by key: GroupKey, limit: Int, scannedMax: Int = MessageCount.scannedDefault,
        then: @escaping (Result<MessageGroups, WalkError>) -> Void
    ) {
        let listed = min(max(1, limit), MessageGroups.listedMax)
        walk(
            request, scannedMax: scannedMax, { GroupCollector(by: key, $0) },
            then: { then($0.map { collector, end in collector.result(limit: listed, end) }) })
    }
}
