import AMQPProtocol
import DequeModule
import NIOCore

/// All of a connection that its callers, on any thread, and the event loop share: the machines of the connection and
/// its channels, who waits for what, and the bytes to be sent. Touched only under the lock of ``ConnectionCore``, and
/// so without any I/O: what is to happen to the socket is left in ``outgoing`` and ``socketEnd``.
///
/// Holds nothing of the application's, whose closures may hold channels: to let go of the last one here, with the lock
/// held, would take the lock once more.
struct ConnectionState: ~Copyable {
    typealias Waiter = CheckedContinuation<Result<Reply, AMQPClientError>, Never>

    struct OpenChannel {
        let number: UInt16
        var machine: ChannelMachine
        /// Whether nobody holds the channel any more; the entry goes with its number.
        var isReleased = false
    }

    enum SocketEnd {
        /// When the broker has been sent what is in `outgoing`.
        case afterWriting
        case atOnce
    }

    /// What the application is to be told of when the lock has been given back.
    enum Report {
        case event(ConnectionEvent)
        case returned(ReturnedMessage, ChannelID)
    }

    private(set) var configuration: ConnectionConfiguration
    var machine: ConnectionMachine
    /// `nil` until the handshake is done.
    var limits: ConnectionLimits?
    var channels: [ChannelID: OpenChannel] = [:]
    /// Who has a channel number; that of channel 1 stands at index 1.
    var channelsByNumber: [ChannelID?] = [nil]
    var calls: [CallID: Waiter] = [:]
    /// Who waits for the connection to open or to close.
    var connectionCalls: [CallID] = []
    var reports: [Report] = []
    /// Consumers that wait for deliveries of the burst that is being received.
    var awaitedBuffers: [DeliveryBuffer] = []
    /// Frames that the event loop has not taken yet.
    var outgoing = WireBuffer(capacity: 1 << 16)
    /// Whether and how the socket is to be closed.
    var socketEnd: SocketEnd?
    /// Whether everybody has been told that the connection is over.
    private var isEnded = false
    /// The encoded properties of one message.
    var propertiesScratch = WireBuffer()

    init(configuration: ConnectionConfiguration) {
        self.configuration = configuration
        self.configuration.onEvent = nil
        machine = ConnectionMachine(configuration: configuration)
    }

    mutating func resume(_ call: CallID, _ result: Result<Reply, AMQPClientError>) {
        // A caller that was cancelled is gone.
        calls.removeValue(forKey: call)?.resume(returning: result)
    }

    /// Appends a method frame, unless it is longer than the broker takes.
    mutating func append(channel number: UInt16, _ method: Method) throws(AMQPClientError) {
        let start = outgoing.count
        outgoing.appendMethodFrame(channel: number, method)
        let frameBytesMax = limits?.frameBytesMax ?? configuration.frameBytesMax
        guard outgoing.count - start <= frameBytesMax else {
            outgoing.truncate(to: start)
            throw .invalidArgument("\(method.id) is longer than \(frameBytesMax) bytes, the largest frame agreed on")
        }
    }
}

// MARK: - The connection

extension ConnectionState {
    /// The socket is open.
    mutating func connected() {
        outgoing.appendProtocolHeader()
    }

    /// Begins to wait for the handshake's end.
    mutating func awaitOpen(_ call: CallID) throws(AMQPClientError) {
        if machine.isClosed { try machine.checkOpen() }
        if machine.isOpen { return resume(call, .success(.done)) }
        connectionCalls.append(call)
    }

    /// Begins to close the connection in order; whoever calls later waits for the same end.
    mutating func close(_ call: CallID?) {
        if let call {
            if machine.isClosed { return resume(call, .success(.done)) }
            connectionCalls.append(call)
        }
        guard machine.close() else { return }
        outgoing.appendMethodFrame(channel: 0, ConnectionClose(replyCode: .replySuccess, replyText: "Goodbye"))
    }

    /// The socket is gone.
    mutating func disconnected(_ underlying: (any Error)?) {
        end(machine.disconnected(underlying))
    }

    /// The broker has not kept to something; it is told of that if it still listens.
    mutating func violated(_ exception: AMQPException) {
        end(machine.end(.violation(exception)))
        outgoing.appendMethodFrame(
            channel: 0, ConnectionClose(replyCode: exception.code, replyText: exception.replyText))
        socketEnd = .afterWriting
    }

    mutating func handshakeTimedOut() {
        guard !machine.isOpen, !machine.isEnding else { return }
        giveUp(
            AMQPClientError(
                .connectTimedOut,
                "the broker had not opened the connection after \(configuration.connectTimeoutMilliseconds) ms"))
    }

    mutating func sendHeartbeat() {
        if machine.isOpen { outgoing.appendHeartbeat() }
    }

    mutating func heartbeatMissed() {
        let seconds = 2 * Int(limits?.heartbeatSeconds ?? 0)
        giveUp(AMQPClientError(.connectionLost, "nothing was heard of the broker for \(seconds) seconds"))
    }

    /// Ends the connection without a word: the broker does not answer any more.
    private mutating func giveUp(_ error: AMQPClientError) {
        end(machine.end(error))
        socketEnd = .atOnce
    }

    /// Everybody who waits is told, once.
    mutating func end(_ error: AMQPClientError) {
        guard !isEnded else { return }
        isEnded = true
        for id in Array(channels.keys) {
            channels[id]?.machine.connectionEnded(error)
            failWaiters(of: id, error)
        }
        let isOrderly = error.code == .connectionClosed
        for call in connectionCalls { resume(call, isOrderly ? .success(.done) : .failure(error)) }
        connectionCalls = []
        reports.append(.event(.closed(isOrderly ? nil : error)))
    }
}
