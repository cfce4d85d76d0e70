import AMQPProtocol
import Routing

extension VirtualHost {
    /// Types whose choice the routing key alone decides.
    private static let typesByKey: Set<String> = ["direct", "fanout", "topic"]

    /// The queues that dead letters on that route come to, by name: through its exchange and those that are bound to it.
    ///
    /// Where more than the routing key decides (headers exchanges, those of plugins), and where the letters keep their keys,
    /// any binding counts. The default exchange leads nowhere that is known without a key.
    public func queuesReached(by route: DeadLetterRoute) -> [String] {
        guard let first = exchange(named: route.exchange.text) else { return [] }
        var seen: Set<ObjectIdentifier> = [ObjectIdentifier(first)]
        var exchanges = [first]
        var queues: Set<WireName> = []
        while let exchange = exchanges.popLast() {
            for target in targets(of: exchange, key: route.routingKey?.text) {
                switch target {
                case .queue(let queue): if !queue.isInternal { queues.insert(WireName(queue.name)) }
                case .exchange(let next): if seen.insert(ObjectIdentifier(next)).inserted { exchanges.append(next) }
                }
            }
        }
        return queues.sorted().map(\.text)
    }

    private func targets(of exchange: Exchange, key: String?) -> [BindingTarget] {
        if exchange.isDefault { return key.flatMap { queue(named: $0) }.map { [.queue($0)] } ?? [] }
        var found: [BindingTarget]
        if let key, Self.typesByKey.contains(exchange.type) {
            found = routed(Array(key.utf8), from: exchange)
        } else {
            found = exchange.outgoing.values.map(\.target)
        }
        if found.isEmpty || key == nil, let alternate = exchange.alternateExchange.flatMap({ self.exchange(named: $0) })
        {
            found.append(.exchange(alternate))
        }
        return found
    }

    private func routed(_ key: [UInt8], from exchange: Exchange) -> [BindingTarget] {
        var collector = RouteCollector()
        key.withUnsafeBytes {
            exchange.router.route(routingKey: $0, properties: PropertiesView(), into: &collector)
        }
        var targets: [BindingTarget] = []
        for index in 0..<collector.count {
            switch slots[Int(collector[index].rawValue)] {
            case .queue(let queue): targets.append(.queue(queue.takeUnretainedValue()))
            case .exchange(let exchange): targets.append(.exchange(exchange.takeUnretainedValue()))
            case .free: break
            }
        }
        return targets
    }
}
