import AMQPProtocol
import Logging
import Routing

/// A virtual host: a name space of exchanges, queues and bindings that knows nothing of the others. Everything in it is
/// plain single-threaded state; every call comes from the core's loop.
public final class VirtualHost {
    /// What a destination id stands for. A freed id is handed out again. Not retained, since every message comes by: the
    /// tables of queues and exchanges do that, and a slot is freed before they let go.
    enum Slot {
        case free
        case queue(Unmanaged<Queue>)
        case exchange(Unmanaged<Exchange>)
    }

    public let name: String
    public let description: String
    /// Not retained: the core owns it, and outlives it. What stands on the way of every message uses the reference, since
    /// `core` counts one.
    let coreReference: Unmanaged<BrokerCore>
    public var core: BrokerCore { coreReference.takeUnretainedValue() }

    @exclusivity(unchecked) var queues = ByteTable<Queue>()
    /// Queues of the broker's own, which nobody else finds.
    var internalQueues: [String: Queue] = [:]
    @exclusivity(unchecked) var exchanges = ByteTable<Exchange>()
    @exclusivity(unchecked) var slots: [Slot] = []
    private var freeSlots: [UInt32] = []
    var policies = PolicyTable()

    // Scratch memory of `publish`, kept between messages.
    @exclusivity(unchecked) var collector = RouteCollector()
    @exclusivity(unchecked) var targets = ScratchList<MessageTarget>()
    @exclusivity(unchecked) var targetQueues = ScratchList<Unmanaged<Queue>>()
    /// Queues that have no room and pass the message on to their dead-letter exchange.
    @exclusivity(unchecked) var passingQueues = ScratchList<Unmanaged<Queue>>()
    /// What filters have to do with the message that is being published.
    @exclusivity(unchecked) var filterRound = FilterRound()
    /// Those that have been warned of; no more than so many.
    var knownCycles: Set<DeadLetterCycle> = []
    static let knownCyclesMax = 1000
    /// Whether the last message that was enqueued went into the log.
    @exclusivity(unchecked) var lastWasLogged = false

    init(name: String, description: String, core: BrokerCore) {
        self.name = name
        self.description = description
        self.coreReference = .passUnretained(core)
        for (name, type, isInternal) in Self.predeclaredExchanges {
            let router: Router
            switch type {
            case "direct": router = name.isEmpty ? DefaultRouter(virtualHost: self) : DirectRouter()
            case "fanout": router = FanoutRouter()
            case "topic": router = TopicRouter()
            default: router = HeadersRouter()
            }
            let properties = ExchangeProperties(type: type, isDurable: true, isInternal: isInternal)
            insertExchange(name, properties, router: router)
        }
    }

    /// As RabbitMQ makes them with each virtual host.
    private static let predeclaredExchanges: [(name: String, type: String, isInternal: Bool)] = [
        ("", "direct", false),
        ("amq.direct", "direct", false),
        ("amq.fanout", "fanout", false),
        ("amq.topic", "topic", false),
        ("amq.headers", "headers", false),
        ("amq.match", "headers", false),
        ("amq.rabbitmq.trace", "topic", true),
    ]

    var logger: Logger { core.logger }

    // MARK: Destination ids

    func takeSlot() -> DestinationID {
        core.topologyChanged()
        if let free = freeSlots.popLast() { return DestinationID(rawValue: free) }
        slots.append(.free)
        return DestinationID(rawValue: UInt32(slots.count - 1))
    }

    func freeSlot(_ destination: DestinationID) {
        core.topologyChanged()
        slots[Int(destination.rawValue)] = .free
        freeSlots.append(destination.rawValue)
    }

    /// The queue that a destination id stands for, if it is one.
    func queue(at destination: DestinationID) -> Queue? {
        guard case .queue(let queue) = slots[Int(destination.rawValue)] else { return nil }
        return queue.takeUnretainedValue()
    }

    // MARK: Looking up

    public func queue(named name: String) -> Queue? {
        queues.value(for: name)
    }

    public func exchange(named name: String) -> Exchange? {
        exchanges.value(for: name)
    }

    /// By the name's bytes: the publish path makes no String.
    public func exchange(named name: UnsafeRawBufferPointer) -> Exchange? {
        exchanges.value(for: name)
    }

    /// - Throws: 404 NOT_FOUND.
    public func existingQueue(_ name: String) throws(AMQPException) -> Queue {
        guard let queue = queue(named: name) else {
            throw .channel(.notFound, "no \(ResourceName(.queue, name, in: self.name).text)")
        }
        return queue
    }

    /// - Throws: 404 NOT_FOUND.
    public func existingExchange(_ name: String) throws(AMQPException) -> Exchange {
        guard let exchange = exchange(named: name) else {
            throw .channel(.notFound, "no \(ResourceName(.exchange, name, in: self.name).text)")
        }
        return exchange
    }

    public var allQueues: [Queue] {
        var all: [Queue] = []
        queues.forEach { _, queue in all.append(queue) }
        return all
    }

    public var allExchanges: [Exchange] {
        var all: [Exchange] = []
        exchanges.forEach { _, exchange in all.append(exchange) }
        return all
    }
}
