import AMQPEngine
import NIOCore

/// Carries bytes between a client's socket and its `ServerConnection`, which does all the thinking.
///
/// Everything is called on the core's loop. The engine is called from a read of the socket or from `attend`, never from
/// within one of its own calls: sending can change the socket's writability, and the engine can ask for input to be resumed,
/// in the midst of a burst.
final class ConnectionDriver {
    private enum Phase {
        /// No connection for the engine yet: the TLS handshake is under way.
        case preparing
        case open
        /// The last byte has been given to the socket. Input is thrown away until the peer closes its side.
        case closing
        case closed
    }

    private let core: CoreLoop
    private var phase = Phase.preparing
    private var socket: (any ClientSocket)?
    private var connection: ServerConnection?

    private var backlog = ReceiveBacklog()
    private var isReading = true
    private var isInputClosed = false
    private var isKnownWritable = true

    private var isAwaitingAttention = false
    private var isResumeRequested = false
    private var isEndRequested = false
    /// The end of lingering, or of waiting for input: there is one of them at a time.
    private var deadline: Scheduled<Void>?

    init(core: CoreLoop) {
        self.core = core
    }

    // MARK: Life

    /// - Returns: whether the connection is taken; it is not when it was accepted too late.
    func connected(through socket: any ClientSocket) -> Bool {
        guard core.add(self) else { return false }
        self.socket = socket
        return true
    }

    func opened(_ peer: ConnectionPeer) {
        phase = .open
        core.beginTurn()
        connection = ServerConnection(broker: core.broker, transport: self, peer: peer)
    }

    func closed() {
        phase = .closed
        deadline?.cancel()
        socket = nil
        // A write that fails closes the channel at once, in the midst of a call of the engine.
        requestAttention()
    }

    /// Closes the socket now, whatever has not been sent.
    func cutOff() { socket?.cutOff() }

    /// Whether the engine does not know of the connection yet, so that nobody but this can end it.
    var isPreparing: Bool { phase == .preparing }

    private func setDeadline(_ milliseconds: Int64, _ action: @escaping (ConnectionDriver) -> Void) {
        deadline?.cancel()
        deadline = core.loop.assumeIsolated().scheduleTask(in: .milliseconds(milliseconds)) { action(self) }
    }

    // MARK: Input

    func received(_ buffer: ByteBuffer) {
        buffer.withUnsafeReadableBytes { receive($0) }
    }

    private func receive(_ bytes: UnsafeRawBufferPointer) {
        guard phase == .open, let connection else { return }
        core.beginTurn()
        var rest = bytes
        if !backlog.isEmpty {
            rest = backlog.splice(rest, while: { connection.acceptsInput }, to: connection.receive)
        }
        if !rest.isEmpty, connection.acceptsInput {
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(connection.receive(rest)))
        }
        keep(rest, of: connection)
    }

    /// The engine takes input again: it gets first what it left.
    private func resume() {
        guard phase == .open, let connection, connection.acceptsInput else { return }
        backlog.present(to: connection.receive)
        keep(UnsafeRawBufferPointer(start: nil, count: 0), of: connection)
        if isInputClosed { inputClosed() }
    }

    private func keep(_ rest: UnsafeRawBufferPointer, of connection: ServerConnection) {
        // The engine may have closed while it received: what follows its last word is nothing to it.
        guard phase == .open else { return backlog.removeAll() }
        backlog.append(rest)
        setReading(connection.acceptsInput)
    }

    private func setReading(_ isReading: Bool) {
        guard isReading != self.isReading else { return }
        self.isReading = isReading
        socket?.setReading(isReading)
    }

    /// The peer will send no more. AMQP knows no half-open connection, so this one is over, but not before everything
    /// that came before the end has been carried out and answered.
    func inputClosed() {
        isInputClosed = true
        guard phase == .open, let connection else {
            socket?.closeWhenSent()
            return
        }
        if connection.acceptsInput {
            isEndRequested = true
            requestAttention()
        } else {
            setDeadline(SocketTuning.unfinishedInputMilliseconds) { $0.cutOff() }
        }
    }

    private func tellClosed() {
        backlog.removeAll()
        connection?.transportClosed()
        connection = nil
    }

    // MARK: Between bursts

    private func requestAttention() {
        guard !isAwaitingAttention else { return }
        isAwaitingAttention = true
        core.requestAttention(for: self)
    }

    /// Does what came up since the last burst ended. Called by the core between two bursts.
    func attend() {
        isAwaitingAttention = false
        if phase == .closed {
            tellClosed()
            return core.remove(self)
        }
        guard phase == .open, let socket, let connection else { return }
        if isEndRequested {
            tellClosed()
            return close()
        }
        let isWritable = socket.isWritable
        if isWritable != isKnownWritable {
            isKnownWritable = isWritable
            connection.writabilityChanged(isWritable: isWritable)
        }
        if isResumeRequested {
            isResumeRequested = false
            resume()
        }
    }

    func writabilityChanged() {
        requestAttention()
    }
}

// MARK: - What the engine asks for

extension ConnectionDriver: ConnectionTransport {
    func send(_ bytes: UnsafeRawBufferPointer) {
        guard phase == .open else { return }
        socket?.send(bytes)
    }

    func resumeReceiving() {
        isResumeRequested = true
        requestAttention()
    }

    func close() {
        guard phase == .open, let socket else { return }
        // What is left of the backlog goes when whoever is presenting it returns (`keep`), or with the socket.
        phase = .closing
        // Input is read on to see the peer close its side.
        setReading(true)
        setDeadline(SocketTuning.lingerMilliseconds) { $0.cutOff() }
        // If nothing more comes, the socket can go as soon as everything is sent.
        if isInputClosed { socket.closeWhenSent() } else { socket.closeOutput() }
    }
}

// MARK: - A socket on the core's own loop

extension ConnectionDriver: SocketOwner {
    func connected(_ socket: SocketHandler) -> Bool {
        connected(through: CoreSocket(socket, core: core))
    }
}
