import Broker
import Definitions
import Logging
import NIOCore

/// The broker on its event loop: the turns of the loop, the one timer, and the connections.
///
/// Everything is called on `loop`. A *turn* is what happens between two looks at the sockets: bursts are read from
/// all sockets that have something, then `endTurn` runs once for all of them. So a hundred clients with one message
/// each cost one flush of the log, not a hundred.
final class CoreLoop {
    let broker: BrokerCore
    let loop: any EventLoop
    let logger: Logger
    private let signal: LogSignal

    /// By identity; a handler is here until the engine has been told of its end.
    private var connections: [ObjectIdentifier: ConnectionDriver] = [:]
    /// Set once the server drains: from then on no connection is taken.
    private var whenEmpty: EventLoopPromise<Void>?
    private(set) var isClosed = false

    /// Who waits for an answer that takes more than a turn.
    private var answers: [ObjectIdentifier: any PendingAnswer] = [:]

    /// The threads that carry sockets, if the core's loop does not itself.
    private var ioThreads: [IOThreadEnd] = []

    private var isTurnUnderWay = false
    private var isEndingTurn = false
    /// A turn for the log has been since the sockets were looked at, and another one is wanted.
    private var isLogTurnSpent = false
    private var isLogTurnPending = false
    /// Handlers with something to do that must not run within the call of the engine that brought it up.
    private var awaitingAttention: [ConnectionDriver] = []
    /// Those of them whose turn it is. Empty between turns; kept for its storage.
    private var attended: [ConnectionDriver] = []

    private var timer: NIOScheduledCallback?
    private var timerDeadline = NIODeadline.distantFuture

    /// One output buffer for all connections: a socket that keeps up gives it back within the call that sends.
    private var output = ByteBuffer()
    /// Larger output than this gets a buffer of its own, so that one burst does not pin its size for good.
    private static let outputBytesMax = 2 << 20

    /// The least time to a timer. NIO runs tasks until none is due before it looks at the sockets again, so work that
    /// renews itself would starve them; a deadline this far ahead sends the loop through its selector first.
    private static let timerDelayMin = TimeAmount.microseconds(10)

    /// When a turn comes, if no other does, after one that has written what nobody waits for.
    private static let quietWriteLook = TimeAmount.milliseconds(100)

    /// - Parameter signal: the one that the broker's `notify` raises.
    init(broker: BrokerCore, loop: any EventLoop, logger: Logger, signal: LogSignal) {
        loop.preconditionInEventLoop()
        self.broker = broker
        self.loop = loop
        self.logger = logger
        self.signal = signal
        signal.connect(to: self)
    }

    /// Brings in the definitions, or what a blank broker starts with if there are none. Throws `DefinitionErrors`.
    func apply(_ definitions: DefinitionSet?) throws {
        try broker.begin(with: definitions)
        if let definitions { logger.info("definitions loaded", metadata: definitions.counts) }
        broker.warnOfParametersWithoutEffect()
        endTurn { broker.endBurst() }
    }

    // MARK: Turns

    /// Call before anything is given to the broker: reads the clock once for the turn, and ends the turn when the
    /// sockets that are ready have been read.
    func beginTurn() {
        guard !isTurnUnderWay else { return }
        isTurnUnderWay = true
        broker.readClock()
        loop.assumeIsolated().execute {
            self.isTurnUnderWay = false
            guard !self.isClosed else { return }
            self.endTurnOfSockets { self.broker.endBurst() }
        }
    }

    /// Something has come up that goes out at the end of a turn.
    func ensureTurnEnds() {
        if !isEndingTurn { beginTurn() }
    }

    /// Ends the burst for the broker, which delivers, flushes the log and then the outputs. What came up in it is
    /// seen to, and makes up one more burst.
    private func endTurn(_ endBurst: () -> Void) {
        precondition(!isEndingTurn, "a turn ended within the end of a turn")
        isEndingTurn = true
        endBurst()
        if !awaitingAttention.isEmpty {
            attend()
            broker.endBurst()
        }
        isEndingTurn = false
        for thread in ioThreads { thread.flush() }
        armTimer()
    }

    /// Takes clients from an I/O thread as well.
    func connect(_ thread: IOThread) {
        ioThreads.append(IOThreadEnd(thread, core: self))
    }

    /// Has `attend` called on the handler once the burst that is under way has ended.
    func requestAttention(for handler: ConnectionDriver) {
        guard !isClosed else { return }
        awaitingAttention.append(handler)
        ensureTurnEnds()
    }

    private func attend() {
        swap(&attended, &awaitingAttention)
        for handler in attended { handler.attend() }
        attended.removeAll(keepingCapacity: true)
    }

    /// The log's durable position has moved, or a page has arrived.
    ///
    /// NIO runs tasks until none is due before it looks at the sockets again, and a fast disk may have done what one such
    /// turn asks for before the turn is over. So the next one waits until the sockets have been looked at.
    func logProgressed() {
        guard !isLogTurnSpent else {
            isLogTurnPending = true
            return armTimer()
        }
        isLogTurnSpent = true
        endTurn { broker.logProgressed() }
    }

    /// Ends a turn before which the sockets were looked at.
    private func endTurnOfSockets(_ endBurst: () -> Void) {
        isLogTurnSpent = isLogTurnPending
        if isLogTurnPending {
            isLogTurnPending = false
            endTurn { broker.logProgressed() }
        } else {
            endTurn(endBurst)
        }
    }

    // MARK: The timer

    private func armTimer() {
        var deadline = broker.nextDeadlineNanoseconds.map { NIODeadline.uptimeNanoseconds($0) } ?? .distantFuture
        if !awaitingAttention.isEmpty || isLogTurnPending { deadline = .uptimeNanoseconds(0) }
        if broker.hasQuietWrites { deadline = min(deadline, .now() + Self.quietWriteLook) }
        // A deadline that has moved away is noticed when the timer fires: cheaper than a move with every burst.
        guard deadline < timerDeadline else { return }
        timer?.cancel()
        timerDeadline = max(deadline, .now() + Self.timerDelayMin)
        let handler = TimerHandler(core: NIOLoopBound(self, eventLoop: loop))
        // It fails only on a loop that is shut down, where nothing is due any more.
        timer = try? loop.scheduleCallback(at: timerDeadline, handler: handler)
    }

    private struct TimerHandler: NIOScheduledCallbackHandler, Sendable {
        let core: NIOLoopBound<CoreLoop>

        func handleScheduledCallback(eventLoop: some EventLoop) {
            core.value.timerFired()
        }
    }

    private func timerFired() {
        timer = nil
        timerDeadline = .distantFuture
        broker.runTimers()
        endTurnOfSockets { broker.endBurst() }
    }

    // MARK: Connections

    /// - Returns: whether the connection is taken; it is not when it was accepted too late.
    func add(_ handler: ConnectionDriver) -> Bool {
        guard whenEmpty == nil else { return false }
        connections[ObjectIdentifier(handler)] = handler
        return true
    }

    func remove(_ handler: ConnectionDriver) {
        connections[ObjectIdentifier(handler)] = nil
        if connections.isEmpty { whenEmpty?.succeed() }
    }

    /// The bytes in a buffer that may be given to a channel. Valid to reuse as soon as the channel has let go of it.
    func outputBuffer(holding bytes: UnsafeRawBufferPointer) -> ByteBuffer {
        guard bytes.count <= Self.outputBytesMax else { return ByteBuffer(bytes: bytes) }
        let isReused: Void? = output.modifyIfUniquelyOwned { buffer in
            buffer.clear()
            buffer.writeBytes(bytes)
        }
        if isReused == nil {
            // A channel still holds the last one; it keeps it, and this is the next one's storage.
            output = ByteBuffer(bytes: bytes)
        }
        return output
    }

    // MARK: Answers

    /// The answer has not been given yet.
    func await(_ answer: some PendingAnswer) { answers[ObjectIdentifier(answer)] = answer }

    func forget(_ answer: some PendingAnswer) { answers[ObjectIdentifier(answer)] = nil }

    // MARK: Shutdown

    /// Sends 320 to every client. The future succeeds when the last connection is gone, at the latest after the time
    /// given, when the rest is cut off.
    func drain(reason: String, withinMilliseconds milliseconds: Int64) -> EventLoopFuture<Void> {
        precondition(whenEmpty == nil, "drained twice")
        let promise = loop.makePromise(of: Void.self)
        whenEmpty = promise
        endTurn {
            broker.closeAllConnections(reason: reason)
            broker.endBurst()
        }
        for handler in connections.values where handler.isPreparing { handler.cutOff() }
        guard !connections.isEmpty else {
            promise.succeed()
            return promise.futureResult
        }
        let deadline = loop.assumeIsolated().scheduleTask(in: .milliseconds(milliseconds)) {
            for handler in self.connections.values { handler.cutOff() }
        }
        promise.futureResult.whenComplete { _ in deadline.cancel() }
        return promise.futureResult
    }

    /// Closes the broker and its data directory, durably. Nothing may be given to the broker after it.
    func close() {
        precondition(connections.isEmpty, "closed with open connections")
        isClosed = true
        timer?.cancel()
        signal.connect(to: nil)
        for thread in ioThreads { thread.close() }
        for answer in Array(answers.values) { answer.fail(ServerNotRunning(status: .stopped)) }
        broker.close()
    }
}
