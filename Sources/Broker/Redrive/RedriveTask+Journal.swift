import AMQPProtocol

// How a task stands in the log.

extension RedriveTask {
    var journalTable: FieldTable {
        var table: FieldTable = [
            "vhost": .string(virtualHost), "queue": .string(queue), "queue-id": .int64(Int64(queueID)),
            "plan": .string(plan), "request": .table(request.journalTable), "user": .string(user),
            "started": .int64(Int64(startedAtMilliseconds)), "planned": .int64(Int64(plannedMessages)),
            "planned-bytes": .int64(Int64(plannedBytes)), "status": .string(status.rawValue),
            "moved": .int64(Int64(moved)), "moved-bytes": .int64(Int64(movedBytes)),
            "undecided": .int64(Int64(undecided)), "stays": .table(Self.table(of: stays)),
            "marks": .array(highWaterMarks.map { .int64(Int64($0)) }),
            "left": .array(
                left.prefix(Self.leftRecordedMax).flatMap {
                    [.int64(Int64($0.id.rawValue)), .string($0.cause.rawValue)]
                }),
        ]
        table["targets"] = .array(
            targets.sorted { $0.key < $1.key }.flatMap { [.string($0.key), .int64(Int64($0.value))] })
        table["planned-stays"] = .int64(Int64(plannedStays))
        table["last"] = last.map { .int64(Int64($0.rawValue)) }
        table["policy"] = policy.map { .string($0) }
        table["copies"] = .int64(Int64(copies))
        table["note"] = note.map { .string($0) }
        table["finished"] = finishedAtMilliseconds.map { .int64(Int64($0)) }
        table["canary-ends"] = canaryEndsAtMilliseconds.map { .int64(Int64($0)) }
        table["canary-returned"] = canaryReturned.map { .int64(Int64($0)) }
        table["place"] = place.map { .int64(Int64($0.rawValue)) }
        return table
    }

    /// - Returns: nil if something is missing that it can't do without.
    init?(id: UInt64, journalTable table: FieldTable) {
        func number(_ name: String) -> Int? { table[name]?.integerValue.map { Int($0) } }
        func text(_ name: String) -> String? { table[name]?.stringValue }
        guard let virtualHost = text("vhost"), let queue = text("queue"), let queueID = number("queue-id"),
            let request = table["request"]?.tableValue.flatMap({ RedriveRequest(journalTable: $0) }),
            let user = text("user"), let status = text("status").flatMap({ Status(rawValue: $0) }),
            let marks = table["marks"]?.arrayValue?.compactMap(\.integerValue), !marks.isEmpty
        else { return nil }
        self.id = id
        self.virtualHost = virtualHost
        self.queue = queue
        self.queueID = UInt64(clamping: queueID)
        plan = text("plan") ?? ""
        self.request = request
        self.user = user
        policy = text("policy")
        startedAtMilliseconds = UInt64(clamping: number("started") ?? 0)
        plannedMessages = number("planned") ?? 0
        plannedBytes = number("planned-bytes") ?? 0
        highWaterMarks = marks.map { Int($0) }
        plannedStays = number("planned-stays") ?? 0
        last = number("last").map { MessageID(rawValue: UInt64(clamping: $0)) }
        self.status = status
        note = text("note")
        finishedAtMilliseconds = number("finished").map { UInt64(clamping: $0) }
        moved = number("moved") ?? 0
        movedBytes = number("moved-bytes") ?? 0
        undecided = number("undecided") ?? 0
        canaryEndsAtMilliseconds = number("canary-ends").map { UInt64(clamping: $0) }
        canaryReturned = number("canary-returned")
        place = number("place").map { MessageID(rawValue: UInt64(clamping: $0)) }
        copies = number("copies") ?? 0
        let counted = table["targets"]?.arrayValue ?? []
        for index in stride(from: 0, to: counted.count - 1, by: 2) {
            guard let name = counted[index].stringValue, let count = counted[index + 1].integerValue else { continue }
            targets[name] = Int(count)
        }
        for entry in table["stays"]?.tableValue?.entries ?? [] {
            guard let cause = RedriveCause(rawValue: entry.name), let count = entry.value.integerValue else { continue }
            stays[cause] = Int(count)
        }
        let listed = table["left"]?.arrayValue ?? []
        for index in stride(from: 0, to: listed.count - 1, by: 2) {
            guard let id = listed[index].integerValue,
                let cause = listed[index + 1].stringValue.flatMap({ RedriveCause(rawValue: $0) })
            else { continue }
            left.append(Left(id: MessageID(rawValue: UInt64(clamping: id)), cause: cause))
        }
    }

    static func table(of stays: [RedriveCause: Int]) -> FieldTable {
        FieldTable(
            RedriveCause.allCases.compactMap { cause in
                stays[cause].map { FieldTable.Entry(name: cause.rawValue, value: .int64(Int64($0))) }
            })
    }
}
