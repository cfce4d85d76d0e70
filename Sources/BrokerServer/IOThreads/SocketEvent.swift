import AMQPEngine
import NIOCore

/// What an I/O thread tells the core of a client's socket, which both call by a number.
enum SocketEvent: Sendable {
    case connected
    case opened(ConnectionPeer)
    case received(ByteBuffer)
    case inputClosed
    /// So many of the bytes that the core has given it are with the kernel, or as good as.
    case sent(byteCount: Int)
    case closed
}

/// What the core asks an I/O thread to do with a socket.
enum SocketCommand: Sendable {
    case send(ByteBuffer)
    case setReading(Bool)
    /// So many of the bytes that the thread has given it are dealt with.
    case consumed(byteCount: Int)
    case closeOutput
    case closeWhenSent
    case cutOff
}
