import AMQPProtocol

/// Compares topology with what is known of it, and removes it.
struct TopologyInspection {
    private let client: WireClient
    private var violations: [String] = []
    private var channel: UInt16 = 0

    /// - Returns: what is not as it must be, in words. None of the items is there any more, durably.
    static func run(port: Int, items: [TopologyItem]) throws(WireClient.Failure) -> [String] {
        var inspection = TopologyInspection(client: try WireClient(port: port))
        try inspection.openChannel()
        for item in items { try inspection.look(at: item) }
        try inspection.client.close()
        return inspection.violations
    }

    private init(client: WireClient) {
        self.client = client
    }

    /// A refusal has closed the one before.
    private mutating func openChannel() throws(WireClient.Failure) {
        channel += 1
        try client.openChannel(channel)
        try client.selectConfirms(channel: channel)
    }

    private mutating func look(at item: TopologyItem) throws(WireClient.Failure) {
        let exchange = try isThere(ExchangeDeclare(exchange: item.name, passive: true))
        let queue = try isThere(QueueDeclare(queue: item.name, passive: true))
        compare(exchange, item.exchange, "exchange \(item.name)")
        compare(queue, item.queue, "queue \(item.name)")
        if exchange, item.binding != .inDoubt {
            compare(try isRouted(item), item.binding, "binding \(item.name)")
        }
        _ = try client.request(QueueDelete(queue: item.name), channel: channel)
        _ = try client.request(ExchangeDelete(exchange: item.name), channel: channel)
    }

    private mutating func compare(_ isThere: Bool, _ presence: TopologyItem.Presence, _ what: String) {
        switch (presence, isThere) {
        case (.present, false): violations.append("lost: \(what)")
        case (.absent, true): violations.append("came back: \(what)")
        default: break
        }
    }

    private mutating func isThere(_ method: some AMQPMethod) throws(WireClient.Failure) -> Bool {
        client.send(method, channel: channel)
        switch try client.next() {
        case .method: return true
        case .channelClosed(_, .notFound, _):
            try openChannel()
            return false
        case let event: throw .unexpected("looking at topology: \(event)")
        }
    }

    /// Whether the exchange finds a queue for a message with the binding's key.
    private func isRouted(_ item: TopologyItem) throws(WireClient.Failure) -> Bool {
        let body = TestMessage.body(id: 0, byteCount: TestMessage.byteCountMin)
        client.publish(
            body, to: item.name, key: TopologyItem.key, mandatory: true, persistent: false, channel: channel)
        var isRouted = true
        while true {
            switch try client.next() {
            case .returned: isRouted = false
            case .method(.basicAck, _): return isRouted
            case let event: throw .unexpected("looking at a binding: \(event)")
            }
        }
    }
}
