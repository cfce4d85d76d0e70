/// One comparison of what clients did with what is there.
///
/// Every operation has happened or has not. That is known of most; of those in doubt it follows from where messages
/// are: one that is in a queue was brought there and not taken away, one that is not there was not brought or was
/// taken away. An operation is one thing, so what follows from one of its messages holds for the others, and lanes
/// have no gaps. Where two conclusions contradict each other, the broker has lost, doubled or torn something.
struct LedgerCheck {
    /// As many are told as somebody can read.
    private static let violationsMax = 20

    private let before: [Place: Rank]
    private let operations: [Operation]
    private let observed: [String: [UInt64]]
    private let present: Set<Place>
    private var adders: [Place: Int] = [:]
    private var removers: [Place: Int] = [:]
    private var ranks: [Place: Rank]
    private var lanes: [String: [Int]] = [:]
    private var hasNews = false

    /// For each operation whether it has happened; `nil` where nothing tells.
    private(set) var verdicts: [Bool?]
    private(set) var violations: [String] = []

    init(before: [Place: Rank], operations: [Operation], observed: [String: [UInt64]]) {
        self.before = before
        self.operations = operations
        self.observed = observed
        present = Set(observed.flatMap { queue, messages in messages.map { Place(queue: queue, message: $0) } })
        ranks = before
        verdicts = operations.map { operation in
            switch operation.outcome {
            case .certain: true
            case .inDoubt: nil
            case .impossible: false
            }
        }
        for (index, operation) in operations.enumerated() {
            for addition in operation.adds {
                precondition(ranks.updateValue(addition.rank, forKey: addition.place) == nil, "brought twice")
                adders[addition.place] = index
            }
            for place in operation.removes {
                precondition(removers.updateValue(index, forKey: place) == nil, "taken away twice")
            }
            if operation.outcome != .impossible { lanes[operation.lane, default: []].append(index) }
        }
        lanes = lanes.mapValues { lane in lane.sorted { operations[$0].number < operations[$1].number } }
    }

    mutating func run() {
        checkOrder()
        let places = Array(ranks.keys)
        repeat {
            hasNews = false
            for place in places { conclude(from: place) }
            for lane in lanes.values { closeGaps(lane) }
        } while hasNews
    }

    /// What is in the queues, with the rank that it has there.
    var after: [Place: Rank] { ranks.filter { present.contains($0.key) } }

    // MARK: Order

    private mutating func checkOrder() {
        for (queue, messages) in observed {
            var seen: Set<UInt64> = []
            var last: [String: UInt64] = [:]
            for message in messages {
                let place = Place(queue: queue, message: message)
                guard seen.insert(message).inserted else {
                    violate("twice: \(place)")
                    continue
                }
                guard let rank = ranks[place] else {
                    violate("nobody brought it: \(place)")
                    continue
                }
                if let before = last[rank.lane], before > rank.number {
                    violate("out of order: \(place), \(rank.lane) \(rank.number) behind \(before)")
                }
                last[rank.lane] = rank.number
            }
        }
    }

    // MARK: Conclusions

    private mutating func conclude(from place: Place) {
        let adder = adders[place]
        let remover = removers[place]
        let wasThere = before[place] != nil
        if present.contains(place) {
            decide(adder, true, "it is there: \(place)")
            decide(remover, false, "it is there: \(place)")
            return
        }
        let isAdded = wasThere ? true : adder.flatMap { verdicts[$0] }
        let isRemoved = remover == nil ? false : remover.flatMap { verdicts[$0] }
        if isRemoved == false {
            if wasThere { violate("lost: \(place)") }
            decide(adder, false, "it is not there: \(place)")
        }
        if isRemoved == true { decide(adder, true, "it was taken away: \(place)") }
        if isAdded == true, remover != nil { decide(remover, true, "it is not there: \(place)") }
        if isAdded == false { decide(remover, false, "it never was there: \(place)") }
    }

    private mutating func closeGaps(_ lane: [Int]) {
        guard let last = lane.last(where: { verdicts[$0] == true }) else { return }
        let later = operations[last]
        for index in lane {
            if index == last { return }
            decide(index, true, "the later \(later) has happened")
        }
    }

    private mutating func decide(_ index: Int?, _ verdict: Bool, _ reason: @autoclosure () -> String) {
        guard let index else { return }
        guard let known = verdicts[index] else {
            verdicts[index] = verdict
            hasNews = true
            return
        }
        if known != verdict {
            violate("\(operations[index]) \(known ? "must" : "can't") have happened, but \(reason())")
        }
    }

    private mutating func violate(_ text: String) {
        guard violations.count < Self.violationsMax, !violations.contains(text) else { return }
        violations.append(text)
    }
}
