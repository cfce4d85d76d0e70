#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The traces: each a situation that the shared log of a broker gets into every day.
///
/// Messages have 4 KiB unless it says otherwise, so that a page of 256 KiB holds 64 of them, mostly of several queues.
/// Where nothing else is said, tail readers are four consumers of a queue each that are at the tail but for hiccups (on
/// average after 24 MiB of log, for 6 MiB), and one message in twenty goes to a queue that nobody consumes, so that
/// pages live on when the others have read them.
enum TraceCatalog {
    private static let mebibyte = 1_048_576.0
    private static let messageByteCount = 4 << 10

    static let all: [(name: String, make: @Sendable (_ seed: UInt64) -> PageTrace)] = [
        ("tail readers and one catch-up", oneCatchUp),
        ("tail readers and four catch-ups", severalCatchUps),
        ("200 queues, Zipf rates, half lagging", manyQueues),
        ("fan-out to six lags", fanOut),
        ("two scans 20 MiB apart", { followingScans(seed: $0, apartMiB: 20) }),
        ("two scans 40 MiB apart", { followingScans(seed: $0, apartMiB: 40) }),
        ("two scans 100 MiB apart", { followingScans(seed: $0, apartMiB: 100) }),
        ("a consumer stops and comes back", comesBack),
        ("requeues and browsing", requeues),
        ("index and transient pages", mixedPages),
        ("large records", largeRecords),
    ]

    private static func mib(_ count: Double) -> UInt64 { UInt64(count * mebibyte) }

    /// - Parameter share: of the messages, that each of the queues gets.
    private static func tailReaders(_ queues: Range<Int>, share: Double) -> [SimulatedConsumer] {
        queues.map { queue in
            SimulatedConsumer(
                queue: queue, rate: share * 4, pauseAfter: 24 * mebibyte, pauseFor: 6 * mebibyte)
        }
    }

    private static func workload(
        queueCount: Int, _ consumers: [SimulatedConsumer], seed: UInt64, hasIndexPages: Bool = false
    ) -> Workload {
        Workload(
            log: SimulatedLog(queueCount: queueCount, hasIndexPages: hasIndexPages), consumers: consumers,
            random: TraceRandom(seed: seed))
    }

    /// Any of the queues but the last, which gets one message in twenty.
    private static func anyQueue(of queueCount: Int, _ random: inout TraceRandom) -> Int {
        random.below(20) == 0 ? queueCount - 1 : random.below(queueCount - 1)
    }

    /// A fifth queue was not consumed for 600 MiB; then it is, eight times as fast as it grows.
    private static func oneCatchUp(seed: UInt64) -> PageTrace {
        var consumers = tailReaders(0..<4, share: 0.2)
        consumers.append(SimulatedConsumer(queue: 4, rate: 0.2 * 8, pausedUntil: mib(600)))
        var workload = workload(queueCount: 6, consumers, seed: seed)
        return workload.run(until: mib(1000)) { log, random in
            log.publish(byteCount: messageByteCount, to: [anyQueue(of: 6, &random)])
        }
    }

    /// Four more queues with backlogs of 400 to 700 MiB, whose consumers start one after the other, at different
    /// speeds.
    private static func severalCatchUps(seed: UInt64) -> PageTrace {
        var consumers = tailReaders(0..<4, share: 0.125)
        for number in 0..<4 {
            consumers.append(
                SimulatedConsumer(
                    queue: 4 + number, rate: 0.125 * Double(3 + number), pausedUntil: mib(400 + 100 * Double(number))))
        }
        var workload = workload(queueCount: 9, consumers, seed: seed)
        return workload.run(until: mib(1200)) { log, random in
            log.publish(byteCount: messageByteCount, to: [anyQueue(of: 9, &random)])
        }
    }

    /// The n-th queue gets a share of 1/n. Every other one is consumed at the tail; the others lag by 1 to 512 MiB,
    /// small lags as frequent as large ones, whatever their rate. All consumers have hiccups.
    private static func manyQueues(seed: UInt64) -> PageTrace {
        let count = 200
        var random = TraceRandom(seed: seed)
        var cumulated: [Double] = []
        for number in 1...count { cumulated.append((cumulated.last ?? 0) + 1 / Double(number)) }
        let sum = cumulated[count - 1]
        let lagRanks = random.shuffled(0..<count / 2)
        let consumers = (0..<count).map { queue in
            let lag = queue % 2 == 0 ? 0 : exp2(9 * Double(lagRanks[queue / 2]) / Double(count / 2))
            return SimulatedConsumer(
                queue: queue, rate: 4 / Double(queue + 1) / sum, lag: mib(lag), pauseAfter: 64 * mebibyte,
                pauseFor: 4 * mebibyte)
        }
        var workload = workload(queueCount: count, consumers, seed: random.next())
        return workload.run(until: mib(1500)) { log, random in
            let point = random.unit() * sum
            log.publish(byteCount: messageByteCount, to: [cumulated.partitionIndex { $0 > point }])
        }
    }

    /// Six queues hold the same messages. Their consumers lag by 0 to 300 MiB, and sometimes by more.
    private static func fanOut(seed: UInt64) -> PageTrace {
        let consumers = [0.0, 3, 10, 30, 100, 300].enumerated().map { queue, lag in
            SimulatedConsumer(
                queue: queue, rate: 4, lag: mib(lag), pauseAfter: 50 * mebibyte, pauseFor: (1 + lag / 4) * mebibyte)
        }
        var workload = workload(queueCount: 6, consumers, seed: seed)
        return workload.run(until: mib(1500)) { log, _ in
            log.publish(byteCount: messageByteCount, to: [0, 1, 2, 3, 4, 5])
        }
    }

    /// Two queues have the same messages, two in five of all, and a backlog of 500 MiB. Both are consumed, five times
    /// as fast as they grow, the second behind the first. Four tail readers.
    private static func followingScans(seed: UInt64, apartMiB: Double) -> PageTrace {
        var consumers = tailReaders(0..<4, share: 0.15)
        for (queue, start) in [(4, 500), (5, 500 + apartMiB / 5)] {
            consumers.append(SimulatedConsumer(queue: queue, rate: 0.4 * 5, pausedUntil: mib(start)))
        }
        var workload = workload(queueCount: 7, consumers, seed: seed)
        return workload.run(until: mib(900)) { log, random in
            let targets = random.unit() < 0.4 ? [4, 5] : [random.below(20) == 0 ? 6 : random.below(4)]
            log.publish(byteCount: messageByteCount, to: targets)
        }
    }

    /// A fifth queue's consumer works for 150 MiB of log, stops for 150 MiB, comes back four times as fast as the queue
    /// grows.
    private static func comesBack(seed: UInt64) -> PageTrace {
        var consumers = tailReaders(0..<4, share: 0.2)
        consumers.append(
            SimulatedConsumer(queue: 4, rate: 0.2 * 4, pauseAfter: 150 * mebibyte, pauseFor: 150 * mebibyte))
        var workload = workload(queueCount: 6, consumers, seed: seed)
        return workload.run(until: mib(1500)) { log, random in
            log.publish(byteCount: messageByteCount, to: [anyQueue(of: 6, &random)])
        }
    }

    /// Five tail readers put one message in fifty back, and take it again 40 MiB later on average. Somebody browses the
    /// last 500 MiB.
    private static func requeues(seed: UInt64) -> PageTrace {
        var consumers = tailReaders(0..<5, share: 0.2)
        for number in consumers.indices {
            consumers[number].requeueShare = 0.02
            consumers[number].requeueAfter = 40 * mebibyte
        }
        var workload = workload(queueCount: 6, consumers, seed: seed)
        workload.browseShare = 0.2
        workload.browsedPages = 2000
        return workload.run(until: mib(1500)) { log, random in
            log.publish(byteCount: messageByteCount, to: [anyQueue(of: 6, &random)])
        }
    }

    /// Twenty queues with index pages of 4 KiB, messages of 1 KiB; every fourth one is transient, in pages of 64 KiB.
    /// Four queues are first consumed after 200 to 500 MiB, and stop from time to time; the others have tail readers.
    private static func mixedPages(seed: UInt64) -> PageTrace {
        var consumers = tailReaders(0..<16, share: 0.05)
        for number in 0..<4 {
            consumers.append(
                SimulatedConsumer(
                    queue: 16 + number, rate: 0.05 * 6, pauseAfter: 200 * mebibyte, pauseFor: 150 * mebibyte,
                    pausedUntil: mib(200 + 100 * Double(number))))
        }
        var workload = workload(queueCount: 21, consumers, seed: seed, hasIndexPages: true)
        return workload.run(until: mib(1200)) { log, random in
            let target = anyQueue(of: 21, &random)
            log.publish(byteCount: 1 << 10, to: [target], medium: target % 4 == 0 ? .transient : .durable)
        }
    }

    /// One message in a hundred has 1 to 4 MiB. Three tail readers; two queues are consumed 20 and 120 MiB behind the
    /// tail.
    private static func largeRecords(seed: UInt64) -> PageTrace {
        var consumers = tailReaders(0..<3, share: 0.2)
        for (queue, lag) in [(3, 20.0), (4, 120)] {
            consumers.append(
                SimulatedConsumer(
                    queue: queue, rate: 0.2 * 4, lag: mib(lag), pauseAfter: 50 * mebibyte, pauseFor: lag / 3 * mebibyte)
            )
        }
        var workload = workload(queueCount: 6, consumers, seed: seed)
        return workload.run(until: mib(4000)) { log, random in
            let target = anyQueue(of: 6, &random)
            let isLarge = random.below(100) == 0
            log.publish(byteCount: isLarge ? (1 + random.below(4)) << 20 : messageByteCount, to: [target])
        }
    }
}

extension [Double] {
    /// The index of the first element that has what those behind it have too.
    fileprivate func partitionIndex(where predicate: (Double) -> Bool) -> Int {
        var low = 0
        var high = count - 1
        while low < high {
            let middle = (low + high) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
