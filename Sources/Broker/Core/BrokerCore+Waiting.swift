import SegmentLog

// Work that does not end within the turn that began it.

extension BrokerCore {
    /// What was waited for is there: `body` runs in the same turn, when the pages that have come are all in place. At the
    /// turn's end they may leave memory again.
    func goOnInTurn(_ body: @escaping () -> Void) {
        arrivals.append(body)
        wantsTurn = true
    }

    func runArrivals() {
        while !arrivals.isEmpty {
            let due = arrivals
            arrivals = []
            for body in due { body() }
        }
    }

    /// Calls `body` once what the log holds up to there is durable: at once, or in a later turn. Not at all if the broker
    /// is closed before.
    func whenDurable(_ position: LogPosition, _ body: @escaping () -> Void) {
        guard !isDurable(position) else { return body() }
        isSyncWanted = true
        answersAwaitingDurability.append((position, body))
    }

    /// In the order in which they were asked for, which is the log's.
    func answerDurable() {
        let count = answersAwaitingDurability.prefix { isDurable($0.position) }.count
        guard count > 0 else { return }
        let due = answersAwaitingDurability.prefix(count)
        answersAwaitingDurability.removeFirst(count)
        for answer in due { answer.body() }
    }

    /// Tells everybody whose work is under way that there will be nothing more.
    func giveUpWaiting() {
        walks.close()
        for cancellation in Array(cancellations.values) { cancellation.close() }
        answersAwaitingDurability = []
        arrivals = []
    }
}
