import DequeModule
import NIOCore
import Synchronization

/// Deliveries between the event loop, which appends, and the tasks that iterate. How much can pile up is bounded by
/// the consumer's prefetch and by the connection's ``ReadGate``.
final class DeliveryBuffer: Sendable {
    typealias Waiter = CheckedContinuation<Result<Delivery?, AMQPClientError>, Never>

    private struct State {
        var deliveries: Deque<Delivery> = []
        /// Tasks that wait for a delivery.
        var waiters: Deque<(id: UInt64, waiter: Waiter)> = []
        var lastWaiterID: UInt64 = 0
        var end: End?
    }

    private enum End {
        /// The consumer is gone as it was wished.
        case finished
        case failed(AMQPClientError)
        /// Nobody iterates any more.
        case abandoned
    }

    let acknowledgement: AcknowledgementMode
    private let gate: ReadGate
    private let state = Mutex(State())

    init(acknowledgement: AcknowledgementMode, gate: ReadGate) {
        self.acknowledgement = acknowledgement
        self.gate = gate
    }

    enum Placement {
        case buffered
        /// Buffered, and a task waits for it: ``wake()`` is to be called at the end of the burst.
        case awaited
        /// Nobody will ever take it, because the iteration was abandoned.
        case unwanted
    }

    /// How many deliveries a waiting task is let sleep through. To wake it costs more than to decode a message, so that
    /// it is done once for many; but it should not lie idle while a long burst is decoded.
    private static let sleptThroughMax = 32

    func append(_ delivery: Delivery) -> Placement {
        let (placement, isEnough) = state.withLock { state -> (Placement, Bool) in
            if case .abandoned = state.end { return (.unwanted, false) }
            state.deliveries.append(delivery)
            gate.add(bytes: delivery.bufferedBytes)
            guard !state.waiters.isEmpty else { return (.buffered, false) }
            return (.awaited, state.deliveries.count >= Self.sleptThroughMax)
        }
        if isEnough { wake() }
        return placement
    }

    var hasWaiters: Bool { state.withLock { !$0.waiters.isEmpty } }

    /// Gives what is buffered to the tasks that wait.
    func wake() {
        while let (waiter, delivery) = nextHandover() { waiter.resume(returning: .success(delivery)) }
    }

    private func nextHandover() -> (Waiter, Delivery)? {
        state.withLock { state in
            guard !state.waiters.isEmpty, let delivery = state.deliveries.popFirst() else { return nil }
            gate.remove(bytes: delivery.bufferedBytes)
            return (state.waiters.removeFirst().waiter, delivery)
        }
    }

    /// What has been buffered is still handed out; then the iteration ends.
    func finish() {
        end(.finished)
    }

    /// What has been buffered is still handed out; then the iteration throws.
    func fail(_ error: AMQPClientError) {
        end(.failed(error))
    }

    private func end(_ end: End) {
        wake()
        let waiters = state.withLock { state -> Deque<(id: UInt64, waiter: Waiter)> in
            guard state.end == nil else { return [] }
            state.end = end
            defer { state.waiters = [] }
            return state.waiters
        }
        for entry in waiters { entry.waiter.resume(returning: Self.result(of: end)) }
    }

    private static func result(of end: End) -> Result<Delivery?, AMQPClientError> {
        switch end {
        case .finished, .abandoned: .success(nil)
        case .failed(let error): .failure(error)
        }
    }

    /// Nobody iterates any more: takes no further deliveries, and gives back those that nobody has seen.
    func abandon() -> Deque<Delivery> {
        let (unseen, waiters) = state.withLock { state in
            defer { state = State(end: .abandoned) }
            return (state.deliveries, state.waiters)
        }
        for entry in waiters { entry.waiter.resume(returning: .success(nil)) }
        if !unseen.isEmpty { gate.remove(bytes: unseen.reduce(0) { $0 + $1.bufferedBytes }) }
        return unseen
    }

    /// The next delivery; `nil` at the end, or when the task is cancelled.
    func next(isolation: isolated (any Actor)? = #isolation) async throws(AMQPClientError) -> Delivery? {
        if Task.isCancelled { return nil }
        let (known, id) = state.withLock { state -> (Result<Delivery?, AMQPClientError>?, UInt64) in
            if let delivery = state.deliveries.popFirst() {
                gate.remove(bytes: delivery.bufferedBytes)
                return (.success(delivery), 0)
            }
            if let end = state.end { return (Self.result(of: end), 0) }
            state.lastWaiterID += 1
            return (nil, state.lastWaiterID)
        }
        if let known { return try known.get() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { wait($0, id: id) }
        } onCancel: {
            cancel(id)
        }
        return try result.get()
    }

    private func wait(_ waiter: Waiter, id: UInt64) {
        let known = state.withLock { state -> Result<Delivery?, AMQPClientError>? in
            // A cancellation that came before this has found no waiter to wake.
            if Task.isCancelled { return .success(nil) }
            if let delivery = state.deliveries.popFirst() {
                gate.remove(bytes: delivery.bufferedBytes)
                return .success(delivery)
            }
            if let end = state.end { return Self.result(of: end) }
            state.waiters.append((id: id, waiter: waiter))
            return nil
        }
        if let known { waiter.resume(returning: known) }
    }

    private func cancel(_ id: UInt64) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiters.remove(at: index).waiter
        }
        waiter?.resume(returning: .success(nil))
    }
}

extension Delivery {
    /// Roughly the memory it takes: the body, and the fields around it.
    fileprivate var bufferedBytes: Int { body.readableBytes + 512 }
}
