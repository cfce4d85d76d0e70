import AMQPProtocol

// How each kind of object is written into its topology record, and read back.

extension ExchangeProperties {
    /// - Parameter id: names the exchange in records of extensions' states.
    func journalTable(id: UInt64) -> FieldTable {
        [
            "id": .int64(Int64(id)), "type": .string(type), "durable": .boolean(isDurable),
            "auto-delete": .boolean(isAutoDelete),
            "internal": .boolean(isInternal), "arguments": .table(arguments),
        ]
    }

    init?(journalTable table: FieldTable) {
        guard let type = table["type"]?.stringValue else { return nil }
        self.init(
            type: type,
            isDurable: table["durable"]?.booleanValue ?? true,
            isAutoDelete: table["auto-delete"]?.booleanValue ?? false,
            isInternal: table["internal"]?.booleanValue ?? false,
            arguments: table["arguments"]?.tableValue ?? [:]
        )
    }
}

extension QueueProperties {
    func journalTable(id: UInt64, timeToLive: TimeToLive) -> FieldTable {
        var table: FieldTable = [
            "id": .int64(Int64(id)), "durable": .boolean(isDurable), "auto-delete": .boolean(isAutoDelete),
            "arguments": .table(arguments),
        ]
        if isInternal { table["internal"] = .boolean(true) }
        if let earlier = timeToLive.journalValue { table["earlier-ttl"] = earlier }
        return table
    }

    init(journalTable table: FieldTable) {
        self.init(
            isDurable: table["durable"]?.booleanValue ?? true,
            isAutoDelete: table["auto-delete"]?.booleanValue ?? false,
            arguments: table["arguments"]?.tableValue ?? [:]
        )
        isInternal = table["internal"]?.booleanValue ?? false
    }
}

extension User {
    var journalTable: FieldTable {
        [
            "password": .string(password?.journalText ?? ""),
            "tags": .array(tags.sorted().map { .string($0) }),
        ]
    }

    init(name: String, journalTable table: FieldTable) {
        let text = table["password"]?.stringValue ?? ""
        self.init(
            name: name,
            password: PasswordHash(journalText: text),
            tags: Set((table["tags"]?.arrayValue ?? []).compactMap(\.stringValue))
        )
    }
}

extension Permission {
    var journalTable: FieldTable {
        ["configure": .string(configure), "write": .string(write), "read": .string(read)]
    }

    init(journalTable table: FieldTable) {
        self.init(
            configure: table["configure"]?.stringValue ?? "",
            write: table["write"]?.stringValue ?? "",
            read: table["read"]?.stringValue ?? ""
        )
    }
}
