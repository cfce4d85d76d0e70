import AMQPProtocol
import Broker
import Logging

extension ServerConnection {
    /// How long a client may take to answer connection.close, in nanoseconds.
    private static let closeOkTimeoutNanoseconds: UInt64 = 5_000_000_000
    /// How long a client whose frames or credentials were no good may take to read why, in nanoseconds. It also makes
    /// guessing passwords slow.
    private static let endTimeoutNanoseconds: UInt64 = 1_000_000_000

    // MARK: By us

    /// Tells the peer why, and ends the channel or the connection.
    func refuse(_ exception: AMQPException, channel number: UInt16) {
        logger.warning(
            "\(exception.scope) error",
            metadata: ["channel": "\(number)", "method": "\(currentMethod)", "error": "\(exception.replyText)"])
        if exception.scope == .channel, phase == .open, let channel = channels[number] {
            channel.closeWithError(exception, causedBy: currentMethod)
        } else {
            close(exception, causedBy: currentMethod)
        }
    }

    /// Sends connection.close and gives everything back. From then on only the answer counts.
    func close(_ exception: AMQPException, causedBy method: MethodID) {
        guard phase.isBeforeClose else { return }
        send(ConnectionClose(exception, cause: method), on: 0)
        releaseAll()
        phase = .awaitingCloseOk
        closeSocket(inNanoseconds: Self.closeOkTimeoutNanoseconds)
        // An alarm or a durable reply may have held the input that the answer comes in.
        transport.resumeReceiving()
    }

    /// Throws away whatever comes, and closes the socket in a moment.
    func awaitEnd() {
        releaseAll()
        phase = .awaitingEnd
        closeSocket(inNanoseconds: Self.endTimeoutNanoseconds)
    }

    private func closeSocket(inNanoseconds delay: UInt64) {
        closingDeadlineNanoseconds = core.nowNanoseconds + delay
        core.schedule(self, atNanoseconds: closingDeadlineNanoseconds)
    }

    /// Sends what there is to send, and is done.
    func closeSocket() {
        flush()
        releaseAll()
        phase = .closed
        transport.close()
    }

    // MARK: By the peer

    /// Only the answer to our close counts, and a close of the peer's own that crossed it.
    func receiveWhileClosing(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer) {
        guard header.channel == 0, header.type == .method else { return }
        switch MethodID(peeking: payload) {
        case .connectionCloseOk?: closeSocket()
        case .connectionClose?:
            send(ConnectionCloseOk(), on: 0)
            closeSocket()
        default: break
        }
    }

    /// The socket is gone, for whatever reason. Unacknowledged messages return to their queues, exclusive queues go.
    public func transportClosed() {
        if phase == .open { logClosed("connection closed by the peer without connection.close") }
        phase = .closed
        releaseAll()
        core.forget(self)
        output.clear()
    }

    /// Gives back everything that the connection holds. The second time there is nothing left.
    private func releaseAll() {
        let open = channels.values.sorted { $0.number < $1.number }
        channels = [:]
        lastChannel = nil
        channelsAwaitingConfirm = []
        durableReply = nil
        for channel in open { channel.release() }
        core.unregister(self)
        logClosed("connection closed")
    }

    /// Once for each line that says it was opened.
    private func logClosed(_ line: Logger.Message) {
        guard isOpenInLog else { return }
        isOpenInLog = false
        logger.info(line)
    }
}
