import Synchronization

/// Who listens where, and the place to wait for it. Any thread may call it.
final class ListenerBoard: Sendable {
    private struct State {
        var listeners: [Listener] = []
        var failure: (any Error)?
        var waiting: [CheckedContinuation<Void, any Error>] = []

        func isSettled(for names: Set<String>) -> Bool {
            failure != nil || names.isSubset(of: listeners.map(\.name))
        }
    }

    private let state = Mutex(State())

    /// In the order in which they were opened.
    var listeners: [Listener] {
        state.withLock { $0.listeners }
    }

    func port(of name: String) -> Int? {
        listeners.first { $0.name == name }?.port
    }

    func opened(_ listener: Listener) {
        change { $0.listeners.append(listener) }
    }

    /// No further listener will be opened: whoever waits for one gets the error.
    func failed(_ error: any Error) {
        change { $0.failure = error }
    }

    /// Returns when all of the names are open. Throws what `failed` was given.
    func wait(for names: Set<String>) async throws {
        while !state.withLock({ $0.isSettled(for: names) }) {
            try await withCheckedThrowingContinuation { (waiter: CheckedContinuation<Void, any Error>) in
                let isSettled = state.withLock { state in
                    guard !state.isSettled(for: names) else { return true }
                    state.waiting.append(waiter)
                    return false
                }
                if isSettled { waiter.resume() }
            }
        }
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    private func change(_ body: (inout State) -> Void) {
        let waiting = state.withLock { state in
            body(&state)
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiter in waiting { waiter.resume() }
    }
}
