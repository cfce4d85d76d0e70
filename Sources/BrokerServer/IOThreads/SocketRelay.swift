import AMQPEngine
import NIOCore

/// A socket's end on its I/O thread: tells the core what happens, and does what the core asks for. Called on the thread's loop
/// only.
final class SocketRelay: SocketOwner {
    let id: UInt64
    private let thread: IOThread
    private var socket: SocketHandler?
    /// Bytes that the core has not said to have dealt with.
    private var unconsumedByteCount = 0
    private var isReadingWanted = true
    private var isPaused = false
    /// Bytes that were given to the channel, and that the core has not been told of.
    private var sentByteCount = 0

    init(id: UInt64, thread: IOThread) {
        self.id = id
        self.thread = thread
    }

    private func tell(_ event: SocketEvent) {
        thread.events.put((id, event))
    }

    // MARK: From the socket

    func connected(_ socket: SocketHandler) -> Bool {
        self.socket = socket
        tell(.connected)
        return true
    }

    func opened(_ peer: ConnectionPeer) { tell(.opened(peer)) }

    func received(_ buffer: ByteBuffer) {
        unconsumedByteCount += buffer.readableBytes
        tell(.received(buffer))
        if unconsumedByteCount > SocketTuning.unconsumedBytesMax { setPaused(true) }
    }

    func inputClosed() { tell(.inputClosed) }

    func writabilityChanged() { tellSent() }

    func closed() {
        socket = nil
        tell(.closed)
        thread.forget(self)
    }

    // MARK: From the core

    func carryOut(_ command: SocketCommand) {
        guard let socket else { return }
        switch command {
        case .send(let buffer):
            sentByteCount += buffer.readableBytes
            socket.send(buffer)
            tellSent()
        case .setReading(let isReading):
            isReadingWanted = isReading
            socket.setReading(isReadingWanted && !isPaused)
        case .consumed(let byteCount):
            unconsumedByteCount -= byteCount
            if isPaused, unconsumedByteCount <= SocketTuning.unconsumedBytesMax / 2 { setPaused(false) }
        case .closeOutput: socket.closeOutput()
        case .closeWhenSent: socket.closeWhenSent()
        case .cutOff: socket.cutOff()
        }
    }

    private func setPaused(_ isPaused: Bool) {
        self.isPaused = isPaused
        socket?.setReading(isReadingWanted && !isPaused)
    }

    /// Not for every burst: each word is a turn of the core.
    private func tellSent() {
        guard sentByteCount >= SocketTuning.reportedBytesMin, let socket, socket.isWritable else { return }
        tell(.sent(byteCount: sentByteCount))
        sentByteCount = 0
    }
}
