import SeededRandom

/// One run of the whole load against a broker, from the first connection to the broker's death.
struct LoadRound {
    let index: Int
    let seed: UInt64

    /// Numbers of a round, of messages and operations, are higher than those of all rounds before.
    private static let numbersPerRound: UInt64 = 1 << 20

    func run(port: Int, trigger: KillTrigger) async -> [WorkRecord] {
        let workers = makeWorkers(port: port, trigger: trigger)
        return await withTaskGroup(of: WorkRecord.self) { group in
            for worker in workers { group.addTask { await worker.run() } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func makeWorkers(port: Int, trigger: KillTrigger) -> [any Worker] {
        var random = SeededGenerator(seed: seed)
        let firstNumber = UInt64(index) * Self.numbersPerRound
        func route(to queue: String) -> Publisher.Route {
            Publisher.Route(exchange: LoadTopology.directExchange, key: queue, queues: [queue])
        }
        let toCopies = Publisher.Route(exchange: LoadTopology.fanoutExchange, key: "", queues: LoadTopology.copies)
        let routes = [
            [LoadTopology.work, LoadTopology.relayInput, LoadTopology.expiring].map(route),
            [toCopies, route(to: LoadTopology.work), route(to: LoadTopology.quiet)],
        ]
        var workers: [any Worker] = routes.enumerated().map { index, routes in
            Publisher(
                port: port, trigger: trigger, seed: random.next(), sender: 1 + UInt64(index),
                firstNumber: firstNumber, routes: routes)
        }
        let consumers = [(LoadTopology.work, LoadTopology.dead(LoadTopology.work)), (LoadTopology.copies[0], nil)]
        for (index, (queue, deadLetterQueue)) in consumers.enumerated() {
            workers.append(
                Consumer(
                    port: port, trigger: trigger, seed: random.next(), sender: 11 + UInt64(index),
                    firstNumber: firstNumber, queue: queue, deadLetterQueue: deadLetterQueue))
        }
        workers.append(
            Relay(port: port, trigger: trigger, seed: random.next(), sender: 21, firstNumber: firstNumber))
        workers.append(
            TopologyChanger(port: port, trigger: trigger, seed: random.next(), prefix: "round-\(index)"))
        return workers
    }
}
