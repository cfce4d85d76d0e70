import AMQPProtocol
import SeededRandom

/// Publishes with confirms to any of its routes, a window ahead of the confirms.
struct Publisher: Worker {
    struct Route: Sendable {
        let exchange: String
        let key: String
        let queues: [String]
    }

    let port: Int
    let trigger: KillTrigger
    let seed: UInt64
    let sender: UInt64
    /// The number of its first message: higher than any of its before.
    let firstNumber: UInt64
    let routes: [Route]

    var lane: String { "publisher \(sender)" }

    func work(_ record: inout WorkRecord) throws(WireClient.Failure) {
        var random = SeededGenerator(seed: seed)
        let client = try WireClient(port: port, trigger: trigger)
        try client.openChannel()
        try client.selectConfirms()
        let windowMax = 1 + random.next(upTo: 300)
        var unconfirmed: ClosedRange<Int>?
        while true {
            for _ in 0..<1 + random.next(upTo: 30) {
                publish(to: client, &random, &record)
                let last = record.operations.count
                unconfirmed = (unconfirmed?.lowerBound ?? last)...last
            }
            // Half of the time the broker is left to wait for the rest of a frame.
            if client.pendingByteCount > 0, random.next(upTo: 2) == 0 { try client.flush() }
            while let waiting = unconfirmed, waiting.count > windowMax {
                unconfirmed = try confirm(waiting, client.next(), &record)
            }
            while let waiting = unconfirmed, let event = try client.nextIfThere() {
                unconfirmed = try confirm(waiting, event, &record)
            }
        }
    }

    private func publish(to client: WireClient, _ random: inout SeededGenerator, _ record: inout WorkRecord) {
        let number = firstNumber + UInt64(record.operations.count)
        let id = TestMessage.id(sender: sender, number: number)
        let route = routes[random.next(upTo: routes.count)]
        // A transient message is confirmed as well, and gone after the crash.
        let isPersistent = random.next(upTo: 12) > 0
        let rank = Rank(lane: lane, number: number)
        record.operations.append(
            Operation(
                lane: lane, number: number,
                adds: route.queues.map { .init(place: Place(queue: $0, message: id), rank: rank) },
                outcome: isPersistent ? .inDoubt : .impossible))
        client.publish(
            TestMessage.body(id: id, byteCount: TestMessage.byteCount(&random)), to: route.exchange, key: route.key,
            mandatory: true, persistent: isPersistent)
    }

    /// - Parameter waiting: the delivery tags that are not confirmed yet, which number the operations from 1.
    /// - Returns: those that still are not.
    private func confirm(
        _ waiting: ClosedRange<Int>, _ event: ClientEvent, _ record: inout WorkRecord
    ) throws(WireClient.Failure) -> ClosedRange<Int>? {
        guard case .method(.basicAck(let ack), _) = event, let tag = Int(exactly: ack.deliveryTag),
            waiting.contains(tag), ack.multiple || tag == waiting.lowerBound
        else { throw .unexpected("\(lane): \(event) with \(waiting) unconfirmed") }
        let confirmed = waiting.lowerBound...tag
        for tag in confirmed where record.operations[tag - 1].outcome == .inDoubt {
            record.operations[tag - 1].outcome = .certain
        }
        record.confirmCount += confirmed.count
        trigger.note(.confirms, confirmed.count)
        return tag < waiting.upperBound ? tag + 1...waiting.upperBound : nil
    }
}
