import AMQPEngine
import NIOCore

/// Whom a client's socket tells what happens to it. Called on the socket's own loop.
protocol SocketOwner: AnyObject {
    /// A client has connected. Nothing is known of it yet, and TLS may still be negotiated.
    ///
    /// - Returns: whether the connection is taken.
    func connected(_ socket: SocketHandler) -> Bool

    /// Bytes may be exchanged.
    func opened(_ peer: ConnectionPeer)

    func received(_ buffer: ByteBuffer)

    /// The peer will send no more.
    func inputClosed()

    func writabilityChanged()

    /// The last word.
    func closed()
}
