import NIOCore

/// The numbers of a client's socket.
enum SocketTuning {
    /// The receive buffer of a connection: it doubles when a read fills it, up to the larger size, where small messages
    /// come by the thousand and a large body takes a few reads. It starts small, since most connections are idle, and ten
    /// thousand of them at the larger size would hold 640 MiB for nothing.
    static let receiveAllocator = AdaptiveRecvByteBufferAllocator(minimum: 4 << 10, initial: 4 << 10, maximum: 64 << 10)
    /// Reads of one socket before the others have their turn: half a MiB.
    static let readsPerTurn: UInt = 8
    /// Above the high mark of unsent bytes the engine stops delivering to a connection, below the low one it goes on.
    static let writeMarksBytes = ChannelOptions.Types.WriteBufferWaterMark(low: 64 << 10, high: 256 << 10)
    /// On an I/O thread: above so many bytes that the core has not dealt with, a socket is not read; from the half on it is.
    static let unconsumedBytesMax = 1 << 20
    /// On an I/O thread: above so many bytes that it has not reported as sent, the engine stops delivering; from the half on it
    /// goes on. It reports when it is this much.
    static let unsentBytesMax = 256 << 10
    static let reportedBytesMin = 64 << 10
    /// Connections that the kernel completes before the loop has accepted them.
    static let backlog: Int32 = 1024
    /// A client that has not finished its TLS handshake by then is cut off. The time that AMQP's own handshake may
    /// take, RabbitMQ's 10 s as well, is the engine's.
    static let tlsHandshakeMilliseconds: Int64 = 10_000
    /// How long a connection that is over waits for the peer to take the last bytes and close its side too. Closing at
    /// once would reset the connection if the peer has sent anything more, and the peer might lose the connection.close
    /// that says why.
    static let lingerMilliseconds: Int64 = 2_000
    /// How long a connection whose peer has ended waits for the engine to accept input again, for the sake of what came
    /// before the end: longer than a disk takes, shorter than an alarm may last.
    static let unfinishedInputMilliseconds: Int64 = 5_000
}
