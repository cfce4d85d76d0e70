import Synchronization

/// What the connections of a run tell all others: the first failure.
final class RunBoard: Sendable {
    private let firstFailure = Mutex<LoadError?>(nil)

    var failure: LoadError? { firstFailure.withLock { $0 } }

    func fail(_ error: LoadError) {
        firstFailure.withLock { $0 = $0 ?? error }
    }
}
