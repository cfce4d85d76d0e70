import ArgumentParser
import Broker

/// What the broker offers to clients in connection.tune, and the size of a message.
struct LimitOptions: ParsableArguments {
    @Option(help: "Seconds between heartbeats that are offered to clients; 0 for none.")
    var heartbeat: UInt16 = 60

    @Option(help: "Largest frame that is offered to clients, in bytes.")
    var frameMax: UInt32 = 131_072

    @Option(help: "Most channels on a connection that are offered to clients.")
    var channelMax: UInt16 = 2047

    @Option(help: "Largest body of a message; more is refused with 406. At most half of --segment-size.")
    var maxMessageSize = ByteSize(bytes: 16 << 20)

    @Option(
        help: "Milliseconds that a consumer may take to settle a message, unless it or its queue says so; 0 for ever.")
    var consumerTimeout: UInt64 = 1_800_000

    @Option(help: "What happens to a consumer that takes longer: notify-consumer (basic.cancel) or close-channel.")
    var consumerTimeoutResponse = ConsumerTimeoutResponse.notifyConsumer

    @Option(help: "What happens to arguments with x- in front that nobody knows: accept, with a warning, or refuse.")
    var unknownArguments = UnknownArguments.accept

    @Option(help: "Whether deaths count that clients write into x-death: ignore, as RabbitMQ 4, or trust, as 3.13.")
    var clientXDeath = ClientDeaths.ignore

    /// The least is the protocol's (frame-min-size). The most bounds what one connection can make the broker hold.
    private static let frameMaxBytes: ClosedRange<UInt32> = 4_096...16_777_216
    /// The most is what RabbitMQ takes too.
    private static let messageBytes = 1...512 << 20

    func validate() throws {
        guard Self.frameMaxBytes.contains(frameMax) else {
            throw ValidationError("--frame-max is a number of bytes from 4096 to 16777216, not \(frameMax)")
        }
        guard consumerTimeout <= BrokerConfiguration.consumerTimeoutMillisecondsMax else {
            throw ValidationError(
                "--consumer-timeout is at most \(BrokerConfiguration.consumerTimeoutMillisecondsMax)")
        }
        guard channelMax > 0 else { throw ValidationError("--channel-max is at least 1") }
        guard Self.messageBytes.contains(maxMessageSize.bytes) else {
            throw ValidationError("--max-message-size is at most 512MiB")
        }
    }

    func makeConfiguration(dataDirectory: String) -> BrokerConfiguration {
        var configuration = BrokerConfiguration(dataDirectory: dataDirectory)
        configuration.heartbeatSeconds = heartbeat
        configuration.frameMax = frameMax
        configuration.channelMax = channelMax
        configuration.messageBytesMax = maxMessageSize.bytes
        configuration.consumerTimeoutMilliseconds = consumerTimeout == 0 ? nil : consumerTimeout
        configuration.consumerTimeoutResponse = consumerTimeoutResponse
        configuration.unknownArguments = unknownArguments
        configuration.clientDeaths = clientXDeath
        return configuration
    }
}

extension ConsumerTimeoutResponse: ExpressibleByArgument {}
extension UnknownArguments: ExpressibleByArgument {}
extension ClientDeaths: ExpressibleByArgument {}
