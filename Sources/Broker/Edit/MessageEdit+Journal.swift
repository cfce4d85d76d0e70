import AMQPProtocol

// How an edit stands in the log.

extension MessageEdit {
    var journalTable: FieldTable {
        var table: FieldTable = [
            "vhost": .string(virtualHost), "queue": .string(queue), "queue-id": .int64(Int64(queueID)),
            "message": .int64(Int64(message.rawValue)), "user": .string(user),
            "started": .int64(Int64(startedAtMilliseconds)), "status": .string(status.rawValue),
            "copies": .array(copies.flatMap { [.int64(Int64($0.queueID)), .int64(Int64($0.sequence))] }),
        ]
        if hasLostCopy { table["lost"] = .boolean(true) }
        if isVolatile { table["volatile"] = .boolean(true) }
        table["finished"] = finishedAtMilliseconds.map { .int64(Int64($0)) }
        return table
    }

    /// - Returns: nil if something is missing that it can't do without.
    init?(id: UInt64, journalTable table: FieldTable) {
        func number(_ name: String) -> UInt64? { table[name]?.integerValue.flatMap { UInt64(exactly: $0) } }
        func text(_ name: String) -> String? { table[name]?.stringValue }
        guard let virtualHost = text("vhost"), let queue = text("queue"), let queueID = number("queue-id"),
            let message = number("message"), let user = text("user"), let started = number("started"),
            let status = text("status").flatMap({ Status(rawValue: $0) })
        else { return nil }
        let numbers = (table["copies"]?.arrayValue ?? []).compactMap { $0.integerValue.flatMap { UInt64(exactly: $0) } }
        guard numbers.count.isMultiple(of: 2) else { return nil }
        self.init(
            id: id, virtualHost: virtualHost, queue: queue, message: MessageID(rawValue: message), user: user,
            startedAtMilliseconds: started, finishedAtMilliseconds: number("finished"), status: status,
            queueID: queueID,
            copies: stride(from: 0, to: numbers.count, by: 2).map {
                Place(queueID: numbers[$0], sequence: numbers[$0 + 1])
            },
            hasLostCopy: table["lost"]?.booleanValue ?? false, isVolatile: table["volatile"]?.booleanValue ?? false)
    }
}
