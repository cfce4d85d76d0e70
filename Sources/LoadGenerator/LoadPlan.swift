import AMQPProtocol

/// What load to put on a broker.
///
/// Every producer and every consumer is one connection with one channel. Queues are named by ``queuePrefix`` and a
/// number from 0 on. Producer P of N publishes to the queues P, P + N, P + 2 N…, in turn; consumer C of M consumes from
/// the queues C, C + M, C + 2 M…; whoever is left without a queue shares one.
public struct LoadPlan: Sendable {
    /// How deliveries are acknowledged.
    public enum Acknowledgement: Equatable, Sendable {
        /// By the broker itself, when it sends them.
        case automatic
        /// With one basic.ack (multiple) for so many deliveries.
        case manual(every: Int)
    }

    public var producers = 1
    public var consumers = 1
    public var queues = 1
    public var queuePrefix = "harrier-bench-"
    public var areQueuesDurable = false
    public var queueArguments: FieldTable = [:]
    /// Whether the queues are deleted and declared anew first.
    public var startsFresh = false
    /// Whether the queues and the exchange that the run has made stay when it is over.
    public var keepsTopology = false

    /// The exchange that is published to; empty for the default exchange.
    public var exchange = ""
    /// Given, the exchange is declared with this type, and every queue is bound to it.
    public var exchangeType: String?
    /// The routing key of all messages. Without it: the names of the queues, or none for exchanges that do not look.
    public var routingKey: String?
    /// The routing key that every queue is bound with, if it is not the messages'.
    public var bindingKey: String?
    public var isMandatory = false

    /// Bodies' sizes in bytes, used in turn. Latency needs 8 bytes, order 16.
    public var bodySizes = [100]
    public var properties = BasicProperties(deliveryMode: 1)

    /// How many publishes may await the broker's confirm, for each producer; `nil` for no confirms.
    public var confirmWindow: Int?
    public var acknowledgement = Acknowledgement.automatic
    /// basic.qos for each consumer; 0 for no limit.
    public var prefetch: UInt16 = 0

    /// Messages a second for each producer; `nil` for as many as go.
    public var producerRate: Double?
    /// Deliveries a second for each consumer at most, kept by reading no more; `nil` for as many as come.
    public var consumerRate: Double?
    /// How long to publish (or, without producers, to consume), the warm-up not counted; `nil` for no limit.
    public var seconds: Double?
    /// How many messages to publish (or, without producers, to consume) altogether; `nil` for no limit.
    public var messageCount: Int?
    /// Load in front of what is measured, in seconds.
    public var warmUpSeconds = 0.0
    /// So many seconds without a delivery, once all is published, mean that no more come.
    public var idleSeconds = 2.0
    /// Threads, each with an event loop, that the connections share.
    public var threads = 1
    /// The broker's process on this machine, whose processor time and memory are measured.
    public var brokerProcessID: Int32?

    public init() {}
}

extension LoadPlan {
    func queueName(_ index: Int) -> String { "\(queuePrefix)\(index)" }

    /// Whether queues are told apart by their names as routing keys: each message goes to one of them.
    var routesByQueueName: Bool {
        guard routingKey == nil else { return false }
        guard !exchange.isEmpty else { return true }
        return exchangeType == "direct" || exchangeType == "topic"
    }

    /// How many deliveries come of one message that the broker has taken; `nil` where the broker's own topology
    /// decides.
    var deliveriesPerMessage: Int? {
        if bindingKey == nil, routesByQueueName || exchange.isEmpty { return 1 }
        guard exchangeType != nil, bindingKey == nil else { return nil }
        return queues
    }

    /// The queues of one consumer.
    func queues(ofConsumer index: Int) -> [Int] {
        index < queues ? Array(stride(from: index, to: queues, by: consumers)) : [index % queues]
    }

    /// The routing keys of one producer, used in turn.
    func routingKeys(ofProducer index: Int) -> [String] {
        guard routesByQueueName else { return [routingKey ?? ""] }
        let own = index < queues ? Array(stride(from: index, to: queues, by: producers)) : [index % queues]
        return own.map(queueName)
    }

    /// One producer's share of ``messageCount``.
    func messageCount(ofProducer index: Int) -> Int {
        guard let messageCount else { return .max }
        return messageCount / producers + (index < messageCount % producers ? 1 : 0)
    }
}
