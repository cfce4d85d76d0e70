import AMQPProtocol
import SegmentLog
import Testing

@testable import Broker

/// A broker with dead letters, and what it takes to move them.
final class Redriving {
    private final class NoWaiter: PageWaiter {
        func pageArrived() {}
    }

    let broker: BrokerFixture
    var core: BrokerCore { broker.core }

    init() throws { broker = try BrokerFixture() }

    func queue(_ name: String) throws -> Queue { try #require(try broker.host.queue(named: name)) }

    /// `dead`, and queues behind the exchange `work` by their names, whose dead letters come to it.
    @discardableResult
    func declare(_ names: [String], dead arguments: FieldTable = [:]) throws -> Queue {
        let host = try broker.host
        let dead = try broker.queue("dead", arguments)
        _ = try host.declareExchange("work", ExchangeProperties(type: "direct", isDurable: true))
        for name in names {
            let queue = try broker.queue(
                name, ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("dead")])
            try host.bind(try host.existingExchange("work"), to: .queue(queue), routingKey: name, arguments: [:])
        }
        return dead
    }

    /// Publishes to `work`, and rejects all that has come to the queue.
    func kill(_ bodies: [String], in name: String, _ properties: BasicProperties = BasicProperties(deliveryMode: 2))
        throws
    {
        for body in bodies { try broker.publish(body, to: "work", key: name, properties) }
        core.endBurst()
        try rejectAll(in: name)
    }

    func rejectAll(in name: String) throws {
        let queue = try queue(name)
        while case .message(let entry, _) = queue.get(isAutoAcknowledging: false, waiter: NoWaiter()) {
            queue.reject(entry, from: nil)
        }
        core.endBurst()
    }

    func session(_ user: String = "guest") throws -> Session {
        let user = try #require(core.access.users[WireName(user)])
        return try Session(user: user, virtualHost: "/", core: core)
    }

    func plan(_ name: String, _ request: RedriveRequest, by user: String = "guest") throws -> RedrivePlan {
        let (queue, session) = (try queue(name), try session(user))
        return try Browsing.wait(core, broker.clock) {
            (then: @escaping (Result<Result<RedrivePlan, WalkError>, any Error>) -> Void) in
            do {
                try core.redrives.plan(request, of: queue, by: session) { then(.success($0)) }
            } catch {
                then(.failure(error))
            }
        }.get().get()
    }

    func start(_ plan: RedrivePlan) throws -> UInt64 {
        try core.redrives.start(
            plan: plan.hash, to: plan.request.destination.action, by: plan.user, of: try queue(plan.queue)
        ).id
    }

    func task(_ id: UInt64) throws -> RedriveTask { try core.redrives.task(id, in: "/") }

    /// Ends turns until the task is over, or paused.
    @discardableResult
    func finish(_ id: UInt64, turnsMax: Int = 20_000) throws -> RedriveTask {
        for _ in 0..<turnsMax {
            let task = try task(id)
            if task.status != .running { return task }
            turn()
        }
        throw NotFinished(task: try task(id))
    }

    struct NotFinished: Error {
        let task: RedriveTask
    }

    /// Time goes to the next timer, if nothing is due: half a minute at the most.
    func turn() {
        if let next = core.nextDeadlineNanoseconds, next > broker.clock.nanoseconds {
            let wait = min(next - broker.clock.nanoseconds, 30_000_000_000)
            broker.clock.advance(milliseconds: wait / 1_000_000)
            broker.clock.nanoseconds += wait % 1_000_000
        }
        Browsing.turn(core, broker.clock)
    }

    @discardableResult
    func move(_ name: String = "dead", _ request: RedriveRequest = RedriveRequest()) throws -> RedriveTask {
        try finish(try start(try plan(name, request)))
    }

    func messages(_ name: String) throws -> [BrowsedMessage] {
        try Browsing.all(try queue(name), core, broker.clock)
    }

    func bodies(_ name: String) throws -> [String] { try messages(name).map(\.bodyText) }
}
