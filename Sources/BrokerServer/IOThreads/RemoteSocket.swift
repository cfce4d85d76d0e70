import NIOCore

/// A socket on an I/O thread, as the core sees it.
final class RemoteSocket: ClientSocket {
    private let id: UInt64
    private let end: IOThreadEnd
    private weak var driver: ConnectionDriver?
    /// Bytes that the thread has not said to have sent.
    private var unsentByteCount = 0
    private(set) var isWritable = true
    /// Bytes that were dealt with, and that the thread has not been told of.
    private var consumedByteCount = 0

    init(id: UInt64, end: IOThreadEnd, driver: ConnectionDriver) {
        self.id = id
        self.end = end
        self.driver = driver
    }

    func send(_ bytes: UnsafeRawBufferPointer) {
        unsentByteCount += bytes.count
        end.ask(id, .send(ByteBuffer(bytes: bytes)))
        if isWritable, unsentByteCount > SocketTuning.unsentBytesMax { setWritable(false) }
    }

    /// The thread has sent so many of the bytes.
    func sent(byteCount: Int) {
        unsentByteCount -= byteCount
        if !isWritable, unsentByteCount <= SocketTuning.unsentBytesMax / 2 { setWritable(true) }
    }

    private func setWritable(_ isWritable: Bool) {
        self.isWritable = isWritable
        driver?.writabilityChanged()
    }

    /// The driver has taken what the thread had read.
    func consumed(byteCount: Int) {
        consumedByteCount += byteCount
        guard consumedByteCount >= SocketTuning.unconsumedBytesMax / 4 else { return }
        end.ask(id, .consumed(byteCount: consumedByteCount))
        consumedByteCount = 0
    }

    func setReading(_ isReading: Bool) { end.ask(id, .setReading(isReading)) }
    func closeOutput() { end.ask(id, .closeOutput) }
    func closeWhenSent() { end.ask(id, .closeWhenSent) }
    func cutOff() { end.ask(id, .cutOff) }
}
