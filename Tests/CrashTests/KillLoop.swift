import Foundation
import SeededRandom
import TestServers

/// Load, SIGKILL, restart, and a look at everything, round after round on one data folder: what is left of one round is
/// there in the next.
///
/// What must be there, exactly (`LedgerCheck` compares):
/// - A confirmed persistent message is in every queue that it was routed to, once, behind those that its publisher sent
///   there before, unless a consumer acknowledged or rejected it there.
/// - Of what was not confirmed, each publisher's first few may be there; a message that is in one of its queues is in
///   all of them.
/// - An acknowledged message may come back only as long as no message has been confirmed that the consumer published
///   on the same channel after the acknowledgement (`Consumer`): until then nobody was told that it is durable.
/// - A rejected or expired message is either in its queue or in the dead-letter queue; if the reject is known to be
///   durable, in the latter.
/// - A committed transaction is there with all its messages, acknowledgements and rejects, one whose commit was not
///   answered with all or none of them, any other with none.
/// - Exchanges, queues and bindings are there if their declaration was answered, and gone if their deletion was.
/// - A transient message is gone.
struct KillLoop {
    private let directory: TemporaryDirectory
    private let options: [String]
    /// Whether side files get lost as well, now and then: they hold nothing that could not be made again.
    private let losesSideFiles: Bool
    private var random: SeededGenerator
    private var ledger = Ledger()
    private var broker: BrokerProcess
    private var goneTopology: [TopologyItem] = []
    var violations: [String] = []

    /// A queue with more messages than this is emptied, so that a round does not grow with the rounds before it.
    private static let keptMessagesMax = 300

    /// - Parameter options: for `serve`.
    init(seed: UInt64, options: [String], losesSideFiles: Bool) async throws {
        directory = try TemporaryDirectory()
        self.options = options
        self.losesSideFiles = losesSideFiles
        random = SeededGenerator(seed: seed)
        broker = try await .start(in: directory, options: options)
        let port = broker.amqpPort
        try await Blocking.run { try LoadTopology.declare(port: port) }
    }

    /// - Returns: one line about the round.
    mutating func runRound(_ index: Int) async throws -> String {
        let trigger = KillTrigger(killing: broker.processID, random: &random)
        let records = await LoadRound(index: index, seed: random.next()).run(port: broker.amqpPort, trigger: trigger)
        await broker.end()
        if losesSideFiles { loseSideFile() }
        broker = try await .start(in: directory, options: options)
        violations += records.flatMap(\.problems)
        try await inspect(records.flatMap(\.operations), LoadTopology.queues)
        try await inspectTopology(records.flatMap(\.topology))
        return """
            killed after \(trigger.limit) \(trigger.counted); \(records.reduce(0) { $0 + $1.confirmCount }) confirmed, \
            \(records.reduce(0) { $0 + $1.settleCount }) settled, \(ledger.doubtCount) in doubt of which \
            \(ledger.survivorCount) are there; \(ledger.contents.count) messages in queues; \
            ready in \(Int(broker.startMilliseconds)) ms
            """
    }

    private mutating func loseSideFile() {
        let names = ["checkpoint", "index.pages"]
        let chance = random.next(upTo: 100)
        guard chance < 30 else { return }
        try? FileManager.default.removeItem(atPath: "\(directory.path)/data/\(names[Int(chance % 2)])")
    }

    var brokerErrorText: String { broker.errorText }

    private mutating func inspect(_ operations: [Operation], _ queues: [String]) async throws {
        let share = random.next(upTo: 100)
        let seed = random.next()
        let port = broker.amqpPort
        let (inspection, drained) = try await Blocking.run {
            var random = SeededGenerator(seed: seed)
            var drained: [String] = []
            try QueueInspection.waitUntilExpired(LoadTopology.expiring, port: port)
            let inspection = try QueueInspection.run(port: port, queues: queues) { queue, count in
                let isDrained =
                    queue == LoadTopology.fences || count > Self.keptMessagesMax || random.next(upTo: 100) < share
                if isDrained { drained.append(queue) }
                return isDrained
            }
            return (inspection, drained)
        }
        if inspection.damagedCount > 0 { violations.append("\(inspection.damagedCount) messages are damaged") }
        violations += ledger.check(operations + expiries(operations), against: inspection.messages)
        for queue in drained { ledger.drain(queue) }
    }

    /// What came into the queue with a time to live has been dead-lettered by now: the inspection waits for it.
    private func expiries(_ operations: [Operation]) -> [Operation] {
        var waiting = ledger.contents.filter { $0.key.queue == LoadTopology.expiring }
        for operation in operations where operation.outcome != .impossible {
            for addition in operation.adds where addition.place.queue == LoadTopology.expiring {
                waiting[addition.place] = addition.rank
            }
        }
        return waiting.map { place, rank in
            let target = Place(queue: LoadTopology.dead(place.queue), message: place.message)
            return Operation(
                lane: "expiry", number: rank.number,
                adds: [.init(place: target, rank: Rank(lane: "expiry", number: rank.number))], removes: [place],
                outcome: .inDoubt)
        }
    }

    private mutating func inspectTopology(_ items: [TopologyItem]) async throws {
        let all = goneTopology + items
        let port = broker.amqpPort
        violations += try await Blocking.run { try TopologyInspection.run(port: port, items: all) }
        goneTopology = items.prefix(10).map { TopologyItem(name: $0.name) }
    }
}
