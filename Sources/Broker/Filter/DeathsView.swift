import AMQPProtocol

/// What a message's headers say of its deaths, read in place.
struct DeathsView {
    private let headers: FieldTableView?
    private let entries: FieldArrayView?

    init(_ headers: FieldTableView?) {
        self.headers = headers
        entries = headers?.find("x-death")?.elements
    }

    /// One entry of `x-death`.
    struct Death {
        let table: FieldTableView

        func text(_ name: StaticString) -> UnsafeRawBufferPointer? { table.find(name)?.longString }

        /// The keys that it had before: the one that it was published with, then those of its `CC`.
        var routingKeys: FieldArrayView? { table.find("routing-keys")?.elements }

        var firstKey: UnsafeRawBufferPointer? {
            guard let routingKeys else { return nil }
            for key in routingKeys { return key.longString }
            return nil
        }

        func value(_ field: FilterSubject.DeathField) -> FilterValue? {
            switch field {
            case .reason: text("reason").map { .text($0) }
            case .queue: text("queue").map { .text($0) }
            case .exchange: text("exchange").map { .text($0) }
            case .key: firstKey.map { .text($0) }
            case .count: table.find("count")?.integer.map { .integer($0) }
            case .age: nil
            }
        }
    }

    /// The newest.
    var last: Death? {
        guard let entries else { return nil }
        for entry in entries { return entry.table.map { Death(table: $0) } }
        return nil
    }

    /// The one that the `x-first-death-…` headers name; without them, the last in the list.
    var first: Death? {
        guard let entries, let headers else { return nil }
        let reason = headers.find("x-first-death-reason")?.longString
        let queue = headers.find("x-first-death-queue")?.longString
        var last: Death?
        for entry in entries {
            guard let table = entry.table else { continue }
            let death = Death(table: table)
            if let reason, let queue, death.text("reason")?.elementsEqual(reason) == true,
                death.text("queue")?.elementsEqual(queue) == true
            {
                return death
            }
            last = death
        }
        return last
    }

    /// All counts. A client's may be any numbers.
    var count: Int64 {
        guard let entries else { return 0 }
        var sum: Int64 = 0
        for entry in entries {
            let (next, overflow) = sum.addingReportingOverflow(max(0, entry.table?.find("count")?.integer ?? 0))
            if overflow { return .max }
            sum = next
        }
        return sum
    }

    /// When it died first, in seconds since 1970.
    var firstTimeSeconds: UInt64? {
        guard let entries else { return nil }
        var first: UInt64?
        for entry in entries {
            guard case .timestamp(let seconds)? = entry.table?.find("time")?.decoded() else { continue }
            first = min(first ?? .max, seconds)
        }
        return first
    }
}
