import Synchronization

extension DiskJobs {
    /// Works something out on another thread: what would hold the core up, and touches no file.
    ///
    /// - Parameter then: gets the result in `poll`, on the owner's thread, or is not called at all.
    public func compute<Value: Sendable>(_ work: @escaping @Sendable () -> Value, then: @escaping (Value) -> Void) {
        let result = ComputedValue<Value>()
        start(.read) {
            let value = work()
            result.value.withLock { $0 = value }
            return .success(DiskJobs.Value())
        } then: { _ in
            guard let value = result.value.withLock({ $0 }) else { preconditionFailure("the job has run") }
            then(value)
        }
    }
}

/// What a job's thread hands to the owner's.
private final class ComputedValue<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
}
