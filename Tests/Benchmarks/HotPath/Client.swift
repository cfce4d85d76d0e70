import AMQPEngine
import AMQPProtocol
import Broker

/// A client without a socket: what it says is handed to the engine, what it hears is counted.
final class Client: ConnectionTransport {
    private(set) var connection: ServerConnection?
    /// Bytes that it was sent.
    private(set) var receivedBytes = 0
    private var acknowledgement = WireBuffer(capacity: 64)
    private var acknowledgedTag: UInt64 = 0

    init(_ core: BrokerCore) {
        let peer = ConnectionPeer(
            host: "127.0.0.1", port: 50_000, localHost: "127.0.0.1", localPort: 5672, isTLS: false, isLoopback: true)
        connection = ServerConnection(broker: core, transport: self, peer: peer)
    }

    func send(_ bytes: UnsafeRawBufferPointer) { receivedBytes += bytes.count }
    func close() { fatalError("the broker has closed the connection") }
    func resumeReceiving() {}

    func end() {
        connection?.transportClosed()
        connection = nil
    }

    /// - Returns: how many bytes were taken.
    func say(_ bytes: UnsafeRawBufferPointer) -> Int { connection?.receive(bytes) ?? 0 }

    /// Says something that is taken whole.
    func say(_ encode: (inout WireBuffer) -> Void) {
        var buffer = WireBuffer()
        encode(&buffer)
        precondition(say(buffer.bytes) == buffer.count, "the engine has not taken all")
    }

    /// Settles all deliveries up to that tag, so many with each basic.ack.
    func acknowledge(through tag: UInt64, atOnce count: UInt64) {
        while acknowledgedTag + count <= tag {
            acknowledgedTag += count
            acknowledgement.clear()
            acknowledgement.appendMethodFrame(channel: 1, BasicAck(deliveryTag: acknowledgedTag, multiple: true))
            _ = say(acknowledgement.bytes)
        }
    }

    /// All that comes before the first channel is used.
    static func handshake(into buffer: inout WireBuffer) {
        buffer.appendProtocolHeader()
        buffer.appendMethodFrame(
            channel: 0,
            ConnectionStartOk(mechanism: "PLAIN", response: Array("\0guest\0guest".utf8)))
        buffer.appendMethodFrame(channel: 0, ConnectionTuneOk(channelMax: 2047, frameMax: 131_072, heartbeat: 0))
        buffer.appendMethodFrame(channel: 0, ConnectionOpen(virtualHost: "/"))
        buffer.appendMethodFrame(channel: 1, ChannelOpen())
    }
}
