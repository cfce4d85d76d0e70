import Synchronization

/// Keeps what has been received and not yet taken by the application within a limit: above it the socket is not read,
/// so that TCP holds the broker back. Shared by the event loop, which adds, and the consumers, who remove.
///
/// Prefetch already bounds consumers that acknowledge; this is for those that do not, and for large messages.
final class ReadGate: Sendable {
    private struct State {
        var bufferedBytes = 0
        var isClosed = false
    }

    /// Reading goes on when half of this has been taken.
    let bufferedBytesMax: Int
    private let state = Mutex(State())
    private let reopened: @Sendable () -> Void

    /// `reopened` is called, on the thread of a consumer, when the socket may be read again.
    init(bufferedBytesMax: Int, reopened: @escaping @Sendable () -> Void) {
        precondition(bufferedBytesMax > 0)
        self.bufferedBytesMax = bufferedBytesMax
        self.reopened = reopened
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    func add(bytes: Int) {
        state.withLock { state in
            state.bufferedBytes += bytes
            if state.bufferedBytes > bufferedBytesMax { state.isClosed = true }
        }
    }

    func remove(bytes: Int) {
        let reopens = state.withLock { state in
            state.bufferedBytes -= bytes
            precondition(state.bufferedBytes >= 0)
            guard state.isClosed, state.bufferedBytes <= bufferedBytesMax / 2 else { return false }
            state.isClosed = false
            return true
        }
        if reopens { reopened() }
    }
}
