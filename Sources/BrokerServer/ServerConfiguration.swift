import Broker
import Definitions

/// What a `BrokerServer` is started with. The defaults are those of `harrier serve`.
public struct ServerConfiguration: Sendable {
    /// Where the core keeps its data and how it treats it.
    public var broker: BrokerConfiguration
    /// Applied after recovery and before the first connection is accepted. Without any, a blank data directory gets the
    /// virtual host `/` and the user guest/guest, as RabbitMQ's does.
    public var definitions: DefinitionSet?
    /// The address that every listener binds: a host name or a numeric address, `0.0.0.0` or `::` for all of them.
    ///
    /// RabbitMQ listens on all addresses; Harrier on loopback until it is told otherwise, as a server with a
    /// well-known password should.
    public var bindAddress = "127.0.0.1"
    /// The port for AMQP without TLS. 0: any free one, see `BrokerServer.amqpPort`.
    public var amqpPort = 5672
    /// The listener for AMQP over TLS; none by default.
    public var tls: TLSListenerConfiguration?
    /// Threads that carry clients' sockets, with TLS. 0: the core's own does, which costs least where it has time to spare.
    /// At most `ioThreadCountMax`.
    public var ioThreadCount = 0
    public static let ioThreadCountMax = 64
    /// How long a shutdown waits for clients to answer its connection.close before it cuts them off.
    public var drainMilliseconds: Int64 = 2_000

    public init(broker: BrokerConfiguration) {
        self.broker = broker
    }
}
