import AMQPProtocol

/// The time to live that a queue gives its messages. A message keeps what was in force when it joined the queue, so that
/// a policy that comes later does not shorten or prolong its time.
struct TimeToLive: Equatable {
    /// Messages of each line below these numbers joined before a change, under `milliseconds`.
    struct Epoch: Equatable {
        let milliseconds: UInt64?
        let ends: [Int]
    }

    private(set) var milliseconds: UInt64?
    /// The oldest first.
    private(set) var earlier: [Epoch]

    init(milliseconds: UInt64?, earlier: [Epoch] = []) {
        self.milliseconds = milliseconds
        self.earlier = earlier
    }

    /// The time of the message at a place, from its publishing on; nil for no end.
    @inline(__always)
    func milliseconds(at place: QueueLines.Place) -> UInt64? {
        earlier.isEmpty ? milliseconds : milliseconds(amongEarlier: place)
    }

    private func milliseconds(amongEarlier place: QueueLines.Place) -> UInt64? {
        for epoch in earlier where place.line < epoch.ends.count && place.number < epoch.ends[place.line] {
            return epoch.milliseconds
        }
        return milliseconds
    }

    /// Of numbers from these on nothing is known: they have not been given yet.
    mutating func forget(from ends: [Int]) {
        earlier = earlier.map { epoch in
            Epoch(milliseconds: epoch.milliseconds, ends: zip(epoch.ends, ends).map { min($0, $1) })
        }
    }

    /// From now on messages get another time.
    ///
    /// - Parameter ends: the numbers that the next message of each line gets; empty if no message is there.
    mutating func change(to milliseconds: UInt64?, ends: [Int]) {
        if ends.isEmpty {
            earlier = []
        } else {
            earlier.append(Epoch(milliseconds: self.milliseconds, ends: ends))
        }
        self.milliseconds = milliseconds
    }
}

// As the queue's record in the journal holds it.
extension TimeToLive {
    static func earlier(journalValue value: FieldValue?) -> [Epoch] {
        (value?.arrayValue ?? []).compactMap { item in
            guard let table = item.tableValue else { return nil }
            return Epoch(
                milliseconds: table["ttl"]?.integerValue.flatMap { UInt64(exactly: $0) },
                ends: (table["ends"]?.arrayValue ?? []).compactMap { $0.integerValue.map(Int.init) })
        }
    }

    var journalValue: FieldValue? {
        guard !earlier.isEmpty else { return nil }
        return .array(
            earlier.map { epoch in
                var table: FieldTable = ["ends": .array(epoch.ends.map { .int64(Int64($0)) })]
                if let milliseconds = epoch.milliseconds { table["ttl"] = .int64(Int64(milliseconds)) }
                return .table(table)
            })
    }
}
