import Synchronization

/// Ends a run early: what has been measured so far is its result.
public final class LoadStop: Sendable {
    private let wasRequested = Atomic<Bool>(false)

    public init() {}

    public func request() { wasRequested.store(true, ordering: .releasing) }

    public var isRequested: Bool { wasRequested.load(ordering: .acquiring) }
}
