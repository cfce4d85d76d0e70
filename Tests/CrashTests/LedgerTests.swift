import Testing

/// The ledger itself: it must find what it is there to find.
@Suite struct LedgerTests {
    private static func place(_ message: UInt64, _ queue: String = "q") -> Place {
        Place(queue: queue, message: message)
    }

    private static func publish(
        _ number: UInt64, to queues: [String] = ["q"], _ outcome: Operation.Outcome
    ) -> Operation {
        Operation(
            lane: "publisher", number: number,
            adds: queues.map { .init(place: place(number, $0), rank: Rank(lane: "publisher", number: number)) },
            outcome: outcome)
    }

    private static func ack(_ number: UInt64, _ outcome: Operation.Outcome) -> Operation {
        Operation(lane: "acks", number: number, removes: [place(number)], outcome: outcome)
    }

    private static func reject(_ number: UInt64, _ outcome: Operation.Outcome) -> Operation {
        let addition = Operation.Addition(place: place(number, "dead"), rank: Rank(lane: "rejects", number: number))
        return Operation(
            lane: "rejects", number: number, adds: [addition], removes: [place(number)], outcome: outcome)
    }

    private static func violations(
        _ operations: [Operation], _ observed: [String: [UInt64]], in ledger: Ledger = Ledger()
    ) -> [String] {
        var ledger = ledger
        return ledger.check(operations, against: observed)
    }

    @Test func whatIsInDoubtMayBeThereOrNot() {
        let operations = [Self.publish(1, .certain), Self.publish(2, .inDoubt), Self.publish(3, .inDoubt)]
        #expect(Self.violations(operations, ["q": [1, 2, 3]]).isEmpty)
        #expect(Self.violations(operations, ["q": [1, 2]]).isEmpty)
        #expect(Self.violations(operations, ["q": [1]]).isEmpty)
    }

    @Test func aConfirmedMessageThatIsMissingIsFound() {
        let operations = [Self.publish(1, .certain), Self.publish(2, .certain)]
        #expect(!Self.violations(operations, ["q": [2]]).isEmpty)
        var ledger = Ledger()
        #expect(ledger.check(operations, against: ["q": [1, 2]]).isEmpty)
        #expect(!Self.violations([], ["q": [1]], in: ledger).isEmpty)
        #expect(!Self.violations([], [:], in: ledger).isEmpty)
    }

    @Test func doublesStrangersAndDisorderAreFound() {
        let operations = [Self.publish(1, .certain), Self.publish(2, .certain)]
        #expect(!Self.violations(operations, ["q": [1, 2, 2]]).isEmpty)
        #expect(!Self.violations(operations, ["q": [2, 1]]).isEmpty)
        #expect(!Self.violations(operations, ["q": [1, 2, 3]]).isEmpty)
        #expect(!Self.violations(operations, ["q": [1, 2], "other": [1]]).isEmpty)
        #expect(!Self.violations([Self.publish(1, .impossible)], ["q": [1]]).isEmpty)
    }

    @Test func aGapInALaneIsFound() {
        let operations = [Self.publish(1, .inDoubt), Self.publish(2, .inDoubt)]
        #expect(!Self.violations(operations, ["q": [2]]).isEmpty)
    }

    @Test func aMessageThatReachedOneQueueReachedAll() {
        let operations = [Self.publish(1, to: ["q", "r"], .inDoubt)]
        #expect(Self.violations(operations, ["q": [1], "r": [1]]).isEmpty)
        #expect(Self.violations(operations, [:]).isEmpty)
        #expect(!Self.violations(operations, ["q": [1]]).isEmpty)
        // Out of one queue it may have been taken.
        #expect(Self.violations(operations + [Self.ack(1, .inDoubt)], ["r": [1]]).isEmpty)
        #expect(!Self.violations(operations + [Self.ack(1, .inDoubt)], ["q": [1]]).isEmpty)
    }

    @Test func onlyAnAckThatIsNotCertainMayBeUndone() {
        let published = [Self.publish(1, .certain), Self.publish(2, .certain)]
        #expect(Self.violations(published + [Self.ack(1, .inDoubt)], ["q": [1, 2]]).isEmpty)
        #expect(Self.violations(published + [Self.ack(1, .inDoubt)], ["q": [2]]).isEmpty)
        #expect(Self.violations(published + [Self.ack(1, .certain)], ["q": [2]]).isEmpty)
        #expect(!Self.violations(published + [Self.ack(1, .certain)], ["q": [1, 2]]).isEmpty)
    }

    @Test func aRejectedMessageIsInExactlyOnePlace() {
        for outcome in [Operation.Outcome.inDoubt, .certain] {
            let operations = [Self.publish(1, .certain), Self.reject(1, outcome)]
            #expect(Self.violations(operations, ["dead": [1]]).isEmpty)
            #expect(Self.violations(operations, ["q": [1]]).isEmpty == (outcome == .inDoubt))
            #expect(!Self.violations(operations, ["q": [1], "dead": [1]]).isEmpty)
            #expect(!Self.violations(operations, [:]).isEmpty)
        }
    }

    @Test func aTransactionIsThereWholeOrNotAtAll() {
        var transaction = Self.publish(2, to: ["a", "b"], .inDoubt)
        transaction.removes = [Self.place(1)]
        let operations = [Self.publish(1, .certain), transaction]
        #expect(Self.violations(operations, ["a": [2], "b": [2]]).isEmpty)
        #expect(Self.violations(operations, ["q": [1]]).isEmpty)
        #expect(!Self.violations(operations, ["q": [1], "a": [2], "b": [2]]).isEmpty)
        #expect(!Self.violations(operations, ["a": [2]]).isEmpty)
        #expect(!Self.violations(operations, [:]).isEmpty)
    }

    @Test func whatWasDrainedMustNotComeBack() {
        var ledger = Ledger()
        #expect(ledger.check([Self.publish(1, .certain)], against: ["q": [1]]).isEmpty)
        ledger.drain("q")
        #expect(ledger.contents.isEmpty)
        #expect(!Self.violations([], ["q": [1]], in: ledger).isEmpty)
    }
}
