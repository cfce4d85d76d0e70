/// What became of an import.
public struct ImportOutcome: Sendable, Equatable {
    /// In the queue now, durably if they are persistent.
    public internal(set) var imported = 0
    /// Were in the queue already, or twice in the same import.
    public internal(set) var known = 0
    /// The queue is full.
    public internal(set) var refused = 0
}
