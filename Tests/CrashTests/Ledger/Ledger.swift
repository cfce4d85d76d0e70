/// What the queues hold, as the clients know it. After a crash it holds what they were told against what is there.
struct Ledger {
    private(set) var contents: [Place: Rank] = [:]
    /// Of the last crash: operations that nothing had been heard of, and how many of them were there.
    private(set) var doubtCount = 0
    private(set) var survivorCount = 0

    /// Compares what clients did since the last call with what is in the queues now, and takes over the latter.
    ///
    /// - Parameter observed: every queue's messages, in their order.
    /// - Returns: what must not be, in words; empty if all is well.
    mutating func check(_ operations: [Operation], against observed: [String: [UInt64]]) -> [String] {
        var check = LedgerCheck(before: contents, operations: operations, observed: observed)
        check.run()
        contents = check.after
        doubtCount = operations.count { $0.outcome == .inDoubt }
        survivorCount = zip(operations, check.verdicts).count { $0.0.outcome == .inDoubt && $0.1 == true }
        return check.violations
    }

    /// The queue was emptied, durably.
    mutating func drain(_ queue: String) {
        contents = contents.filter { $0.key.queue != queue }
    }
}
