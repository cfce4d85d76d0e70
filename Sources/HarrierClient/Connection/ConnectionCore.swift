import AMQPProtocol
import Logging
import NIOCore
import Synchronization

/// The shared heart of a connection: one lock around ``ConnectionState``, and the bell that wakes the event loop.
///
/// A lock, and not an actor on the event loop, because publishing and acknowledging are then a matter of encoding a few
/// bytes on the caller's own thread (tens of nanoseconds for the lock) instead of two thread switches for each message
/// (some ten microseconds). The lock is held for one message or method at a time, and never while the application's
/// code runs or the socket is touched.
final class ConnectionCore: Sendable {
    /// What the event loop has to know of the connection to serve the socket.
    struct SocketWork {
        /// To be written.
        var bytes: ByteBuffer?
        /// Nothing is left to be written behind `bytes`.
        var isAllTaken: Bool
        var end: ConnectionState.SocketEnd?
        /// Nothing more will be asked of the broker, which has only to answer connection.close.
        var isEnding: Bool
        /// `nil` until the handshake is done.
        var limits: ConnectionLimits?
    }

    let gate: ReadGate
    let bell: SocketBell
    private let logger: Logger
    private let onEvent: (@Sendable (ConnectionEvent) -> Void)?
    /// Who is told of returned messages that nobody waits for.
    private let onReturn = Mutex<[ChannelID: @Sendable (ReturnedMessage) -> Void]>([:])
    private let state: Mutex<ConnectionState>
    private let lastID = Atomic<UInt64>(0)

    init(configuration: ConnectionConfiguration, eventLoop: any EventLoop, logger: Logger) {
        let bell = SocketBell(eventLoop: eventLoop)
        self.bell = bell
        self.logger = logger
        gate = ReadGate(bufferedBytesMax: configuration.receiveBufferBytesMax) { bell.ring() }
        onEvent = configuration.onEvent
        state = Mutex(ConnectionState(configuration: configuration))
    }
}

// MARK: - For callers, on any thread

extension ConnectionCore {
    func nextID() -> UInt64 {
        lastID.add(1, ordering: .relaxed).newValue
    }

    var isOpen: Bool { state.withLock { $0.machine.isOpen } }

    var waitingCallCount: Int { state.withLock { $0.calls.count } }

    /// Who is told of messages that come back on the channel and that nobody waits for.
    func setOnReturn(_ id: ChannelID, _ handler: (@Sendable (ReturnedMessage) -> Void)?) {
        // The old one is let go of when the lock has been given back: it may hold the last reference to a channel.
        _ = onReturn.withLock { handlers in
            let old = handlers[id]
            handlers[id] = handler
            return old
        }
    }

    /// Does what takes no waiting, and has the event loop send what that has encoded.
    func perform<Value: Sendable>(
        _ body: @Sendable (inout ConnectionState) throws(AMQPClientError) -> Value
    ) throws(AMQPClientError) -> Value {
        defer { bell.ring() }
        return try state.withLock { state throws(AMQPClientError) in try body(&state) }
    }

    /// Starts something that is over when `start`'s call is completed, and waits for that.
    nonisolated(nonsending) func wait(
        on channel: ChannelID?, _ start: @Sendable (inout ConnectionState, CallID) throws(AMQPClientError) -> Void
    ) async throws(AMQPClientError) -> Reply {
        let call = CallID(rawValue: nextID())
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                state.withLock { Self.begin(call, waiter, start, &$0) }
                bell.ring()
            }
        } onCancel: {
            state.withLock { $0.cancel(call, on: channel) }
        }
        return try result.get()
    }

    private static func begin(
        _ call: CallID, _ waiter: ConnectionState.Waiter,
        _ start: @Sendable (inout ConnectionState, CallID) throws(AMQPClientError) -> Void,
        _ state: inout ConnectionState
    ) {
        // A cancellation that came before this found no call to end.
        guard !Task.isCancelled else { return waiter.resume(returning: .failure(.cancelled)) }
        state.calls[call] = waiter
        do {
            try start(&state, call)
        } catch {
            state.resume(call, .failure(error))
        }
    }
}

// MARK: - For the event loop

extension ConnectionCore {
    /// Tells the state of what happened to the socket, and then the application of what came of it.
    func happened(_ body: @Sendable (inout ConnectionState) -> Void) {
        let reports = state.withLock { state -> [ConnectionState.Report] in
            body(&state)
            guard !state.reports.isEmpty else { return [] }
            defer { state.reports = [] }
            return state.reports
        }
        for report in reports { tell(report) }
    }

    private func tell(_ report: ConnectionState.Report) {
        switch report {
        case .event(let event):
            switch event {
            case .blocked(let reason): logger.warning("the broker takes no publishes for now: \(reason)")
            case .unblocked: logger.notice("the broker takes publishes again")
            case .closed(let error?): logger.notice("the connection has ended: \(error)")
            case .closed(nil): logger.debug("the connection has been closed")
            }
            onEvent?(event)
        case .returned(let message, let id):
            guard let handler = onReturn.withLock({ $0[id] }) else {
                let error = AMQPClientError.returned(message)
                return logger.warning("nobody asked to be told, so it is said here: \(error.message)")
            }
            handler(message)
        }
    }

    /// Whether the socket may be read: consumers have taken enough of what was received, or somebody waits for an answer
    /// of the broker, which may be the very consumer that is behind.
    var mayRead: Bool {
        !gate.isClosed || waitingCallCount > 0
    }

    /// What there is to do. The encoded frames are taken, if the socket `canWrite` more at present.
    func takeWork(canWrite: Bool) -> SocketWork {
        state.withLock { state in
            var bytes: ByteBuffer?
            if canWrite, !state.outgoing.isEmpty {
                bytes = ByteBuffer(bytes: state.outgoing.bytes)
                state.outgoing.clear()
                state.sendQueuedPublishes()
            }
            return SocketWork(
                bytes: bytes, isAllTaken: state.outgoing.isEmpty, end: state.socketEnd,
                isEnding: state.machine.isEnding, limits: state.limits)
        }
    }
}
