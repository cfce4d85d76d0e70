/// The filters of several plugins on one exchange or queue: what all of them let pass, passes.
final class FilterChain: PublishFilter {
    private let filters: [PublishFilter]

    init(_ filters: [PublishFilter]) {
        self.filters = filters
        super.init()
    }

    override weak var queue: Queue? {
        didSet { for filter in filters { filter.queue = queue } }
    }

    override func admits(_ publication: Publication, nowMilliseconds: UInt64) -> Bool {
        filters.allSatisfy { $0.admits(publication, nowMilliseconds: nowMilliseconds) }
    }

    override func accepted(_ publication: Publication, _ acceptance: Acceptance) {
        for filter in filters { filter.accepted(publication, acceptance) }
    }

    override func recovered(nowMilliseconds: UInt64) {
        for filter in filters { filter.recovered(nowMilliseconds: nowMilliseconds) }
    }
}
