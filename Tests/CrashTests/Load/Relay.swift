import AMQPProtocol
import SeededRandom

/// Takes messages from one queue and makes two of each, in two others, in transactions: what it publishes and what it
/// acknowledges or rejects takes effect together. Some transactions are rolled back, and tried again with others.
struct Relay: Worker {
    let port: Int
    let trigger: KillTrigger
    let seed: UInt64
    let sender: UInt64
    /// The number of its first message: higher than any of its before.
    let firstNumber: UInt64

    static let lane = "relay"

    func work(_ record: inout WorkRecord) throws(WireClient.Failure) {
        let client = try WireClient(port: port, trigger: trigger)
        try client.openChannel()
        try client.selectTransactions()
        _ = try client.request(BasicQos(prefetchCount: 20))
        client.send(BasicConsume(queue: LoadTopology.relayInput, consumerTag: "r"))
        var session = RelaySession(self, client)
        while true { try session.runTransaction(&record) }
    }
}

/// One run of a relay.
struct RelaySession {
    private let relay: Relay
    private let client: WireClient
    private var random: SeededGenerator
    private var nextNumber: UInt64
    /// Delivered and not settled.
    private var inputs: [ReceivedMessage] = []

    init(_ relay: Relay, _ client: WireClient) {
        self.relay = relay
        self.client = client
        random = SeededGenerator(seed: relay.seed)
        nextNumber = relay.firstNumber
    }

    mutating func runTransaction(_ record: inout WorkRecord) throws(WireClient.Failure) {
        while inputs.isEmpty { try take(client.next()) }
        while let event = try client.nextIfThere() { try take(event) }
        let count = 1 + random.next(upTo: min(inputs.count, 6))
        var operation = Operation(lane: Relay.lane, number: nextNumber, outcome: .inDoubt)
        for input in inputs.prefix(count) { try relay(input, in: &operation) }
        // Half of the time the broker has it all before it is asked to commit it.
        if random.next(upTo: 2) == 0 { try client.flush() }
        if random.next(upTo: 6) == 0 {
            // It is not in the record: nobody brought these messages, nobody took the inputs.
            client.send(TxRollback())
            guard case .txRollbackOk = try nextMethod() else { throw .unexpected("no tx.rollback-ok") }
            return
        }
        record.operations.append(operation)
        inputs.removeFirst(count)
        client.send(TxCommit())
        try client.flush()
        relay.trigger.note(.commits)
        guard case .txCommitOk = try nextMethod() else { throw .unexpected("no tx.commit-ok") }
        record.operations[record.operations.count - 1].outcome = .certain
        record.confirmCount += 1
        relay.trigger.note(.confirms)
    }

    private mutating func take(_ event: ClientEvent) throws(WireClient.Failure) {
        switch event {
        case .delivery(let delivery): inputs.append(delivery)
        case .method(.basicConsumeOk, _): break
        default: throw .unexpected("relay: \(event)")
        }
    }

    /// The next answer; deliveries before it are taken.
    private mutating func nextMethod() throws(WireClient.Failure) -> AMQPProtocol.Method {
        while true {
            let event = try client.next()
            guard case .method(let method, _) = event else {
                try take(event)
                continue
            }
            return method
        }
    }

    /// Publishes both messages and settles the input, as part of the transaction.
    private mutating func relay(
        _ input: ReceivedMessage, in operation: inout Operation
    ) throws(WireClient.Failure) {
        guard let inputID = TestMessage.id(ofBody: input.body) else {
            throw .unexpected("a message of the relay is not as it was sent")
        }
        for queue in LoadTopology.relayOutputs {
            let id = TestMessage.id(sender: relay.sender, number: nextNumber)
            let rank = Rank(lane: Relay.lane, number: nextNumber)
            nextNumber += 1
            operation.adds.append(.init(place: Place(queue: queue, message: id), rank: rank))
            client.publish(
                TestMessage.body(id: id, byteCount: TestMessage.byteCount(&random)), to: "", key: queue)
        }
        let isRejected = random.next(upTo: 4) == 0
        if isRejected {
            client.send(BasicReject(deliveryTag: input.deliveryTag, requeue: false))
        } else {
            client.send(BasicAck(deliveryTag: input.deliveryTag))
        }
        guard input.isPersistent else { return }
        operation.removes.append(Place(queue: LoadTopology.relayInput, message: inputID))
        if isRejected {
            let place = Place(queue: LoadTopology.dead(LoadTopology.relayInput), message: inputID)
            operation.adds.append(.init(place: place, rank: Rank(lane: Relay.lane, number: nextNumber)))
        }
    }
}
