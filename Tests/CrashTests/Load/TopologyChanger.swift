import AMQPProtocol
import SeededRandom

/// Declares durable exchanges, queues and bindings, one after the other, and deletes some again.
struct TopologyChanger: Worker {
    let port: Int
    let trigger: KillTrigger
    let seed: UInt64
    /// Of all names: no other round has it.
    let prefix: String

    /// So that looking into all of it does not take longer than the load.
    private static let itemsMax = 60

    func work(_ record: inout WorkRecord) throws(WireClient.Failure) {
        var random = SeededGenerator(seed: seed)
        let client = try WireClient(port: port, trigger: trigger)
        try client.openChannel()
        while true {
            if record.topology.count < Self.itemsMax {
                record.topology.append(TopologyItem(name: "\(prefix).\(record.topology.count)"))
                try declare(&record.topology[record.topology.count - 1], client, &random)
                if random.next(upTo: 3) > 0 { continue }
            }
            try delete(&record.topology[random.next(upTo: record.topology.count)], client)
        }
    }

    private func declare(
        _ item: inout TopologyItem, _ client: WireClient, _ random: inout SeededGenerator
    ) throws(WireClient.Failure) {
        let type = ["direct", "topic", "fanout"][random.next(upTo: 3)]
        item.exchange = .inDoubt
        let exchange = ExchangeDeclare(exchange: item.name, type: type, durable: true)
        guard case .exchangeDeclareOk = try client.request(exchange) else { throw .unexpected("no declare-ok") }
        item.exchange = .present
        item.queue = .inDoubt
        let queue = QueueDeclare(queue: item.name, durable: true, arguments: ["x-max-length": .int32(10)])
        guard case .queueDeclareOk = try client.request(queue) else { throw .unexpected("no declare-ok") }
        item.queue = .present
        item.binding = .inDoubt
        let binding = QueueBind(queue: item.name, exchange: item.name, routingKey: TopologyItem.key)
        guard case .queueBindOk = try client.request(binding) else { throw .unexpected("no bind-ok") }
        item.binding = .present
    }

    /// Deleting what is not there is no error.
    private func delete(_ item: inout TopologyItem, _ client: WireClient) throws(WireClient.Failure) {
        if item.binding == .present { item.binding = .inDoubt }
        if item.queue == .present { item.queue = .inDoubt }
        guard case .queueDeleteOk = try client.request(QueueDelete(queue: item.name)) else {
            throw .unexpected("no delete-ok")
        }
        item.binding = .absent
        item.queue = .absent
        if item.exchange == .present { item.exchange = .inDoubt }
        guard case .exchangeDeleteOk = try client.request(ExchangeDelete(exchange: item.name)) else {
            throw .unexpected("no delete-ok")
        }
        item.exchange = .absent
    }
}
