import AMQPProtocol
import SeededRandom

/// Takes from a queue; acknowledges part, puts part back, rejects part if rejects have somewhere to go.
///
/// An acknowledgement has no answer. But the broker does in order what comes on one channel, and a confirm says that
/// the log is durable up to what it confirms: so now and then a *fence* is published on the consumer's channel, and its
/// confirm makes every settlement that was sent before certain. One that no fence has covered may be lost with the
/// broker: nobody was told that it was durable.
struct Consumer: Worker {
    let port: Int
    let trigger: KillTrigger
    let seed: UInt64
    /// Of the fences.
    let sender: UInt64
    /// The number of its first operation: higher than any of its before.
    let firstNumber: UInt64
    let queue: String
    /// Where what it rejects goes; `nil` to reject nothing.
    let deadLetterQueue: String?

    func work(_ record: inout WorkRecord) throws(WireClient.Failure) {
        let client = try WireClient(port: port, trigger: trigger)
        var session = ConsumerSession(self, client)
        try session.start()
        while true { try session.handle(client.next(), &record) }
    }

    // MARK: Operations

    func acknowledge(_ message: UInt64, _ number: UInt64) -> Operation {
        Operation(
            lane: "acks of \(queue)", number: number,
            removes: [Place(queue: queue, message: message)], outcome: .inDoubt)
    }

    func reject(_ message: UInt64, _ number: UInt64) -> Operation {
        let lane = "rejects of \(queue)"
        let target = Place(queue: deadLetterQueue ?? "", message: message)
        return Operation(
            lane: lane, number: number, adds: [.init(place: target, rank: Rank(lane: lane, number: number))],
            removes: [Place(queue: queue, message: message)], outcome: .inDoubt)
    }
}

/// One run of a consumer.
struct ConsumerSession {
    private struct Held {
        let tag: UInt64
        let message: UInt64
        let isPersistent: Bool
    }

    private let consumer: Consumer
    private let client: WireClient
    private var random: SeededGenerator
    private let prefetchCount: Int
    /// Delivered and not settled, by tag.
    private var held: [Held] = []
    private var settled: Set<UInt64> = []
    private var lastFresh: [UInt64: UInt64] = [:]
    /// How many operations had been done with each fence that is not confirmed, the fence included; by tag from
    /// `firstFenceTag` on.
    private var fences: [Int] = []
    private var firstFenceTag = 1
    private var settlesUntilFence = 1

    init(_ consumer: Consumer, _ client: WireClient) {
        self.consumer = consumer
        self.client = client
        random = SeededGenerator(seed: consumer.seed)
        prefetchCount = 10 + random.next(upTo: 200)
    }

    func start() throws(WireClient.Failure) {
        try client.openChannel()
        try client.selectConfirms()
        _ = try client.request(BasicQos(prefetchCount: UInt16(prefetchCount)))
        client.send(BasicConsume(queue: consumer.queue, consumerTag: "c"))
    }

    mutating func handle(_ event: ClientEvent, _ record: inout WorkRecord) throws(WireClient.Failure) {
        switch event {
        case .delivery(let delivery): take(delivery, &record)
        case .method(.basicConsumeOk, _): break
        case .method(.basicAck(let ack), _): fencesConfirmed(ack, &record)
        default: throw .unexpected("consumer of \(consumer.queue): \(event)")
        }
    }

    // MARK: Deliveries

    private mutating func take(_ delivery: ReceivedMessage, _ record: inout WorkRecord) {
        guard let id = TestMessage.id(ofBody: delivery.body) else {
            record.problems.append("a message in \(consumer.queue) is not as it was sent")
            return
        }
        let place = Place(queue: consumer.queue, message: id)
        if settled.contains(id) { record.problems.append("delivered after it was settled: \(place)") }
        if !delivery.isRedelivered {
            let last = lastFresh.updateValue(TestMessage.number(of: id), forKey: TestMessage.sender(of: id))
            if let last, last >= TestMessage.number(of: id) {
                record.problems.append("delivered out of order, behind \(last): \(place)")
            }
        }
        let new = Held(tag: delivery.deliveryTag, message: id, isPersistent: delivery.isPersistent)
        held.append(new)
        switch random.next(upTo: 100) {
        case 0..<50:
            client.send(BasicAck(deliveryTag: new.tag))
            settle([held.removeLast()], &record, as: consumer.acknowledge)
        case 50..<65:
            client.send(BasicNack(deliveryTag: new.tag, requeue: true))
            held.removeLast()
            record.settleCount += 1
            consumer.trigger.note(.settles)
        case 65..<80 where consumer.deadLetterQueue != nil:
            client.send(BasicReject(deliveryTag: new.tag, requeue: false))
            settle([held.removeLast()], &record, as: consumer.reject)
        case 80..<85: settleAll(through: new.tag, &record)
        default:
            if held.count >= prefetchCount / 2 { settleAll(through: new.tag, &record) }
        }
    }

    private mutating func settleAll(through tag: UInt64, _ record: inout WorkRecord) {
        let all = held
        held = []
        if consumer.deadLetterQueue != nil, random.next(upTo: 3) == 0 {
            client.send(BasicNack(deliveryTag: tag, multiple: true, requeue: false))
            settle(all, &record, as: consumer.reject)
        } else {
            client.send(BasicAck(deliveryTag: tag, multiple: true))
            settle(all, &record, as: consumer.acknowledge)
        }
    }

    private mutating func settle(
        _ deliveries: [Held], _ record: inout WorkRecord, as operation: (UInt64, UInt64) -> Operation
    ) {
        for delivery in deliveries {
            settled.insert(delivery.message)
            // What is gone after a crash anyway needs no settlement to go.
            if delivery.isPersistent {
                let number = consumer.firstNumber + UInt64(record.operations.count)
                record.operations.append(operation(delivery.message, number))
            }
        }
        record.settleCount += deliveries.count
        consumer.trigger.note(.settles, deliveries.count)
        settlesUntilFence -= deliveries.count
        if settlesUntilFence <= 0 { publishFence(&record) }
    }

    // MARK: Fences

    private mutating func publishFence(_ record: inout WorkRecord) {
        settlesUntilFence = 1 + random.next(upTo: 40)
        let lane = "fences of \(consumer.queue)"
        let number = consumer.firstNumber + UInt64(record.operations.count)
        let id = TestMessage.id(sender: consumer.sender, number: number)
        let place = Place(queue: LoadTopology.fences, message: id)
        record.operations.append(
            Operation(
                lane: lane, number: number, adds: [.init(place: place, rank: Rank(lane: lane, number: number))],
                outcome: .inDoubt))
        client.publish(
            TestMessage.body(id: id, byteCount: TestMessage.byteCountMin), to: "", key: LoadTopology.fences)
        fences.append(record.operations.count)
    }

    /// Confirms come in order, so the fences before are confirmed too.
    private mutating func fencesConfirmed(_ ack: BasicAck, _ record: inout WorkRecord) {
        let count = Int(ack.deliveryTag) - firstFenceTag + 1
        guard count > 0, count <= fences.count, ack.multiple || count == 1 else {
            record.problems.append("a confirm for a fence that awaits none: \(ack.deliveryTag)")
            return
        }
        for index in (0..<fences[count - 1]).reversed() {
            // Everything before the last confirmed fence is certain already.
            guard record.operations[index].outcome == .inDoubt else { break }
            record.operations[index].outcome = .certain
        }
        fences.removeFirst(count)
        firstFenceTag += count
        record.confirmCount += count
        consumer.trigger.note(.confirms, count)
    }
}
