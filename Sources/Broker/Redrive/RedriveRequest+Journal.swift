import AMQPProtocol

// How a request stands in the log. It was checked when it came in.

extension RedriveRequest {
    var journalTable: FieldTable {
        [
            "filter": .string(filter.text), "states": .int32(Int32(states.rawValue)),
            "destination": .table(destination.journalTable), "options": .table(options.journalTable),
        ]
    }

    init?(journalTable table: FieldTable) {
        guard let filter = table["filter"]?.stringValue.flatMap({ try? MessageFilter($0) }),
            let states = table["states"]?.integerValue,
            let destination = table["destination"]?.tableValue.flatMap({ RedriveDestination(journalTable: $0) })
        else { return nil }
        self.init(
            filter: filter, states: MessageStates(rawValue: UInt8(clamping: states)), destination: destination,
            options: RedriveOptions(journalTable: table["options"]?.tableValue ?? [:]))
    }
}

extension RedriveDestination {
    var journalTable: FieldTable {
        switch self {
        case .original(let death): ["to": .string("original"), "death": .string(death.rawValue)]
        case .originalQueue(let death): ["to": .string("original-queue"), "death": .string(death.rawValue)]
        case .exchange(let name, nil): ["to": .string("exchange"), "name": .string(name)]
        case .exchange(let name, let key?): ["to": .string("exchange"), "name": .string(name), "key": .string(key)]
        case .queue(let name): ["to": .string("queue"), "name": .string(name)]
        case .bin(let grace): ["to": .string("bin"), "grace": .int64(Int64(clamping: grace))]
        case .deletedFrom: ["to": .string("deleted-from")]
        case .undone(let name): ["to": .string("undone"), "name": .string(name)]
        }
    }

    init?(journalTable table: FieldTable) {
        let death = table["death"]?.stringValue.flatMap { Death(rawValue: $0) } ?? .newest
        let name = table["name"]?.stringValue
        switch (table["to"]?.stringValue, name) {
        case ("original", _): self = .original(death)
        case ("original-queue", _): self = .originalQueue(death)
        case ("exchange", let name?): self = .exchange(name, routingKey: table["key"]?.stringValue)
        case ("queue", let name?): self = .queue(name)
        case ("bin", _): self = .bin(graceMilliseconds: UInt64(clamping: table["grace"]?.integerValue ?? 0))
        case ("deleted-from", _): self = .deletedFrom
        case ("undone", let name?): self = .undone(queue: name)
        default: return nil
        }
    }
}

extension RedriveOptions {
    var journalTable: FieldTable {
        var table: FieldTable = [
            "order": .string(order.rawValue), "redriven-max": .int64(Int64(redrivenMax)),
            "deaths": .string(deaths.rawValue),
        ]
        func put(_ name: String, _ value: Int?) { table[name] = value.map { .int64(Int64($0)) } }
        put("limit", limit)
        put("seed", seed.map { Int(bitPattern: UInt($0)) })
        put("rank-max", sample.map { Int(bitPattern: UInt($0.rankMax)) })
        put("messages-per-second", messagesPerSecond)
        put("bytes-per-second", bytesPerSecond)
        put("target-depth-max", targetDepthMax)
        if let canary {
            table["canary"] = .table([
                "messages": .int64(Int64(canary.messages)), "wait": .int64(Int64(clamping: canary.waitMilliseconds)),
                "returns-percent-max": .int64(Int64(canary.returnsPercentMax)),
            ])
        }
        if isParking { table["is-parking"] = .boolean(true) }
        table["expiration"] = expiration.journalValue
        table["priority"] = priority.journalValue
        return table
    }

    init(journalTable table: FieldTable) {
        func number(_ name: String) -> Int? { table[name]?.integerValue.map { Int($0) } }
        order = table["order"]?.stringValue.flatMap { Order(rawValue: $0) } ?? .oldest
        deaths = table["deaths"]?.stringValue.flatMap { Deaths(rawValue: $0) } ?? .keep
        redrivenMax = number("redriven-max") ?? Self.redrivenDefault
        isParking = table["is-parking"]?.booleanValue == true
        limit = number("limit")
        seed = number("seed").map { UInt64(UInt(bitPattern: $0)) }
        if let seed, let rankMax = number("rank-max") {
            sample = RedriveSample(seed: seed, rankMax: UInt64(UInt(bitPattern: rankMax)))
        }
        messagesPerSecond = number("messages-per-second")
        bytesPerSecond = number("bytes-per-second")
        targetDepthMax = number("target-depth-max")
        if let canary = table["canary"]?.tableValue {
            self.canary = Canary(
                messages: Int(canary["messages"]?.integerValue ?? 1),
                waitMilliseconds: UInt64(clamping: canary["wait"]?.integerValue ?? 0),
                returnsPercentMax: Int(canary["returns-percent-max"]?.integerValue ?? 0))
        }
        expiration = Change(journalValue: table["expiration"])
        priority = Change(journalValue: table["priority"])
    }
}

extension RedriveOptions.Change where Value: FixedWidthInteger {
    /// Nil for what is kept.
    fileprivate var journalValue: FieldValue? {
        switch self {
        case .keep: nil
        case .clear: .void
        case .set(let value): .int64(Int64(clamping: value))
        }
    }

    fileprivate init(journalValue: FieldValue?) {
        switch journalValue {
        case nil: self = .keep
        case .void: self = .clear
        case let value?: self = value.integerValue.map { .set(Value(clamping: $0)) } ?? .keep
        }
    }
}
