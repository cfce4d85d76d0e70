import AMQPProtocol
import Broker

/// The arguments of a basic.consume, checked and typed.
struct ConsumerArguments {
    private(set) var priority = 0
    /// How long a delivery may go unsettled; nil for what the queue says.
    private(set) var timeoutMilliseconds: UInt64?
    /// Those with an `x-` in front that nobody knows.
    let unknown: [String]

    private static let known: Set<String> = ["x-priority", "x-consumer-timeout", "x-cancel-on-ha-failover"]

    /// - Throws: 406 for a value that an argument can't have.
    init(_ arguments: FieldTable, queue: Queue) throws(AMQPException) {
        let check = QueueArgumentCheck(arguments: arguments, queue: queue.resourceName)
        priority = Int(try check.integer("x-priority", Int64.min...Int64.max) ?? 0)
        timeoutMilliseconds = try check.integer(
            "x-consumer-timeout", 1...BrokerConfiguration.consumerTimeoutMillisecondsMax
        ).map(UInt64.init)
        unknown = arguments.entries.map(\.name).filter { $0.hasPrefixBytes("x-") && !Self.known.contains($0) }
    }
}
