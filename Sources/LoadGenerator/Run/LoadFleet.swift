import HarrierClient
import NIOCore
import Synchronization

/// All connections of a run, from outside of their event loops.
struct LoadFleet: Sendable {
    /// How many connections are opened at a time: brokers' sockets have a limit to how many wait to be accepted.
    private static let openedAtATime = 64

    let loops: [LoadLoop]
    private(set) var producers: [LoadConnection<ProducerHandler>] = []
    private(set) var consumers: [LoadConnection<ConsumerHandler>] = []

    /// Opens all connections, consumers first.
    static func connect(
        _ plan: LoadPlan, to configuration: ConnectionConfiguration, on loops: [LoadLoop], board: RunBoard
    ) async throws -> LoadFleet {
        var fleet = LoadFleet(loops: loops)
        do {
            try await fleet.open(plan, to: configuration, board)
            return fleet
        } catch {
            await fleet.close()
            throw error
        }
    }

    private mutating func open(
        _ plan: LoadPlan, to configuration: ConnectionConfiguration, _ board: RunBoard
    ) async throws {
        // Tells this run's messages from what an earlier one has left.
        let run = BodyStamp.runMask(NIODeadline.now().uptimeNanoseconds / 1000)
        let loops = loops
        consumers = try await Self.openEach(plan.consumers) { index in
            try await .connect(on: loops[index % loops.count], to: configuration, board: board) { site, ready in
                ConsumerHandler(site, plan: plan, index: index, run: run, ready: ready)
            }
        }
        // Bodies are the same for all, and may be large.
        let shared = Mutex<[Int: MessageContents]>([:])
        let contents: @Sendable (Int) -> MessageContents = { frameMax in
            shared.withLock { made in
                if let contents = made[frameMax] { return contents }
                let contents = MessageContents(
                    sizes: plan.bodySizes, properties: plan.properties, channel: LoadConnectionHandler.channelNumber,
                    frameMax: frameMax)
                made[frameMax] = contents
                return contents
            }
        }
        producers = try await Self.openEach(plan.producers) { index in
            // Behind the consumers, so that one of each do not share a thread.
            let loop = loops[(plan.consumers + index) % loops.count]
            return try await .connect(on: loop, to: configuration, board: board) { site, ready in
                ProducerHandler(site, plan: plan, index: index, run: run, contents: contents, ready: ready)
            }
        }
    }

    private static func openEach<Handler: LoadConnectionHandler>(
        _ count: Int, _ open: @escaping @Sendable (Int) async throws -> LoadConnection<Handler>
    ) async throws -> [LoadConnection<Handler>] {
        var connections: [LoadConnection<Handler>] = []
        while connections.count < count {
            let next = connections.count..<min(connections.count + openedAtATime, count)
            connections += try await withThrowingTaskGroup(of: LoadConnection<Handler>.self) { group in
                for index in next { group.addTask { try await open(index) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        return connections
    }

    /// Starts the clock for everybody.
    func begin(at start: UInt64) {
        for consumer in consumers { consumer.perform { $0.begin(at: start) } }
        for producer in producers { producer.perform { $0.begin(at: start) } }
    }

    func stopProducers() {
        for producer in producers { producer.perform { $0.stop() } }
    }

    var areProducersDone: Bool { producers.allSatisfy { $0.counters.isDone.load(ordering: .acquiring) } }

    /// How far all have come.
    func snapshot() -> LoadTotals {
        var totals = LoadTotals()
        for producer in producers { totals.add(producer.counters.snapshot()) }
        for consumer in consumers { totals.add(consumer.counters.snapshot()) }
        return totals
    }

    /// With what only the event loops know.
    func totals() async -> LoadTotals {
        var totals = LoadTotals()
        for producer in producers { totals.add(await producer.totals()) }
        for consumer in consumers { totals.add(await consumer.totals()) }
        return totals
    }

    /// Closes all connections in order; those that the broker does not close in time are cut off.
    func close() async {
        for producer in producers { producer.perform { $0.stop() } }
        for consumer in consumers { consumer.perform { $0.stop() } }
        let channels = producers.map(\.channel) + consumers.map(\.channel)
        for channel in channels {
            channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
        }
        for channel in channels { try? await channel.closeFuture.get() }
    }
}
