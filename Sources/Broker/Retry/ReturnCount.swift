/// How often a message has come back to its queue.
struct ReturnCount: Equatable {
    /// In all: `x-acquired-count`.
    var acquired: UInt32 = 0
    /// As a failure: `x-delivery-count`, which the delivery limit is for.
    var failed: UInt32 = 0
    /// When its delay is over, since 1970; 0 if it does not wait.
    var readyAtMilliseconds: UInt64 = 0

    /// It has come back and waits for its delay to be over.
    var isDelayed: Bool { readyAtMilliseconds > 0 }

    mutating func add(_ cause: ReturnCause) {
        if acquired < .max { acquired += 1 }
        if cause == .failed, failed < .max { failed += 1 }
    }

    /// How many of the returns were of one of these causes.
    func count(of kind: DelayedRetry.Kind) -> UInt32 {
        switch kind {
        case .all: acquired
        case .failed: failed
        case .returned: acquired - min(failed, acquired)
        }
    }
}
