import Synchronization

/// How far one connection has come. Written by its event loop, once a burst; read by whoever watches the run.
final class LoadCounters: Sendable {
    let published = Atomic<Int>(0)
    let publishedBytes = Atomic<Int>(0)
    let confirmed = Atomic<Int>(0)
    let nacked = Atomic<Int>(0)
    let returned = Atomic<Int>(0)
    let delivered = Atomic<Int>(0)
    let deliveredBytes = Atomic<Int>(0)
    let foreign = Atomic<Int>(0)
    /// How often the broker said connection.blocked.
    let blocked = Atomic<Int>(0)
    /// Whether a producer has published all, and the broker has dealt with it.
    let isDone = Atomic<Bool>(false)

    func snapshot() -> LoadTotals {
        var totals = LoadTotals()
        totals.published = published.load(ordering: .acquiring)
        totals.publishedBytes = publishedBytes.load(ordering: .relaxed)
        totals.confirmed = confirmed.load(ordering: .relaxed)
        totals.nacked = nacked.load(ordering: .relaxed)
        totals.returned = returned.load(ordering: .relaxed)
        totals.delivered = delivered.load(ordering: .relaxed)
        totals.deliveredBytes = deliveredBytes.load(ordering: .relaxed)
        totals.foreign = foreign.load(ordering: .relaxed)
        totals.blocked = blocked.load(ordering: .relaxed)
        return totals
    }
}
