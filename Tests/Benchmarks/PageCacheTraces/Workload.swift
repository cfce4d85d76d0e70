/// Publishers and consumers at work on one log.
struct Workload {
    /// A message that its consumer has put back.
    private struct Requeued {
        let due: UInt64
        let page: Int
    }

    private static let messagesPerRound = 16
    /// What a consumer takes before the next has its turn.
    private static let messagesPerTurn = 16.0
    /// What an idle consumer may save up.
    private static let allowanceMax = 64.0

    /// Somebody browses: in that share of the rounds, a look at one of so many last pages.
    var browseShare = 0.0
    var browsedPages = 0

    private var log: SimulatedLog
    private var consumers: [SimulatedConsumer]
    private var requeued: [Requeued] = []
    private var random: TraceRandom

    init(log: SimulatedLog, consumers: [SimulatedConsumer], random: TraceRandom) {
        self.log = log
        self.consumers = consumers
        self.random = random
        for number in consumers.indices where consumers[number].pauseAfter < .infinity {
            let after = self.random.exponential(mean: consumers[number].pauseAfter)
            self.consumers[number].nextPause = consumers[number].pausedUntil + UInt64(after)
        }
    }

    /// Publishes and consumes until the log is so long.
    ///
    /// - Parameter publish: publishes a message.
    mutating func run(
        until byteCount: UInt64, publish: (_ log: inout SimulatedLog, _ random: inout TraceRandom) -> Void
    ) -> PageTrace {
        while log.tail < byteCount {
            for _ in 0..<Self.messagesPerRound { publish(&log, &random) }
            for number in consumers.indices {
                consumers[number].allowance += consumers[number].rate * Double(Self.messagesPerRound)
                pauseIfDue(number)
            }
            var isAnyBusy = true
            while isAnyBusy {
                isAnyBusy = false
                for number in consumers.indices where takeTurn(number) { isAnyBusy = true }
            }
            for number in consumers.indices {
                consumers[number].allowance = min(consumers[number].allowance, Self.allowanceMax)
            }
            takeRequeued()
            browse()
        }
        return log.trace
    }

    private mutating func pauseIfDue(_ number: Int) {
        let consumer = consumers[number]
        guard consumer.nextPause <= log.tail else { return }
        let end = log.tail + UInt64(random.exponential(mean: consumer.pauseFor))
        consumers[number].pausedUntil = end
        consumers[number].nextPause = end + UInt64(random.exponential(mean: consumer.pauseAfter))
    }

    private mutating func takeTurn(_ number: Int) -> Bool {
        let consumer = consumers[number]
        guard consumer.allowance >= 1, consumer.pausedUntil <= log.tail, let lag = log.lag(of: consumer.queue),
            lag >= consumer.lag
        else { return false }
        let countMax = min(Self.messagesPerTurn, consumer.allowance)
        let isRequeuing = consumer.requeueShare > 0 && random.unit() < consumer.requeueShare * countMax
        let taken = log.read(consumer.queue, countMax: isRequeuing ? 1 : Int(countMax), settles: !isRequeuing)
        if isRequeuing {
            let due = log.tail + UInt64(random.exponential(mean: consumer.requeueAfter))
            requeued.append(Requeued(due: due, page: taken.page))
        }
        consumers[number].allowance -= Double(taken.count)
        return true
    }

    private mutating func takeRequeued() {
        var index = 0
        while index < requeued.count {
            if requeued[index].due > log.tail {
                index += 1
                continue
            }
            let page = requeued[index].page
            requeued.swapAt(index, requeued.count - 1)
            requeued.removeLast()
            log.look(at: page)
            log.release(page)
        }
    }

    private mutating func browse() {
        guard browseShare > 0, random.unit() < browseShare else { return }
        let pageCount = log.trace.pages.count
        log.look(at: pageCount - 1 - random.below(min(pageCount, browsedPages)))
    }
}
