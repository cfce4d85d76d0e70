import AMQPProtocol

// Values by their type. What is not there or of another type is reported, and replaced by a default.
extension DefinitionReader {
    /// The longest name, in bytes of UTF-8: names travel as AMQP short strings (section 4.2.5.3).
    static let nameBytesMax = 255

    mutating func reportMissing(_ key: String, in entry: SectionEntry) {
        report(at: entry.position, "\(quoted(key)) is missing")
    }

    // MARK: Text

    /// Text that has to be there; it may be empty.
    mutating func text(_ entry: SectionEntry, _ key: String) -> String {
        if entry[key] == nil { reportMissing(key, in: entry) }
        return optionalText(entry, key) ?? ""
    }

    mutating func optionalText(_ entry: SectionEntry, _ key: String) -> String? {
        guard let node = entry[key] else { return nil }
        guard case .text(let text) = node.content else {
            report(at: node.position, key: key, "expected text, found \(describe(node))\(hintAtQuotes(node))")
            return nil
        }
        return text
    }

    /// A name: it has to be there, with 1 to `nameBytesMax` bytes.
    mutating func name(_ entry: SectionEntry, _ key: String) -> String {
        guard let node = entry[key] else {
            reportMissing(key, in: entry)
            return ""
        }
        let name = shortText(entry, key)
        if name.isEmpty, case .text = node.content { report(at: node.position, key: key, "must not be empty") }
        return name
    }

    /// Text of at most `nameBytesMax` bytes; empty if there is none.
    mutating func shortText(_ entry: SectionEntry, _ key: String) -> String {
        guard let node = entry[key], let text = optionalText(entry, key) else { return "" }
        let byteCount = text.utf8.count
        if byteCount > Self.nameBytesMax {
            report(at: node.position, key: key, "has \(byteCount) bytes; the longest allowed is \(Self.nameBytesMax)")
        }
        return text
    }

    /// One of the texts that the type allows.
    mutating func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ entry: SectionEntry, _ key: String, default defaultChoice: Choice
    ) -> Choice {
        guard let node = entry[key] else { return defaultChoice }
        if case .text(let text) = node.content, let choice = Choice(rawValue: text) { return choice }
        let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        report(at: node.position, key: key, "expected one of \(choices), found \(describe(node))")
        return defaultChoice
    }

    /// The key `tags`: a list, or one text with commas, as RabbitMQ wrote it before 3.9.
    mutating func tags(_ entry: SectionEntry) -> [String] {
        guard let node = entry["tags"] else { return [] }
        switch node.content {
        case .null:
            return []
        case .text(let text):
            return text.split(separator: ",").map { trimmed($0) }.filter { !$0.isEmpty }
        case .list(let items):
            return items.enumerated().compactMap { index, item in
                if case .text(let text) = item.content { return trimmed(text[...]) }
                path += [.key("tags"), .index(index)]
                report(at: item.position, "expected text, found \(describe(item))")
                path.removeLast(2)
                return nil
            }
        default:
            report(at: node.position, key: "tags", "expected a list of tags, found \(describe(node))")
            return []
        }
    }

    private func trimmed(_ text: Substring) -> String {
        let start = text.drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }

    // MARK: Booleans and numbers

    mutating func boolean(_ entry: SectionEntry, _ key: String, default defaultValue: Bool) -> Bool {
        guard let node = entry[key] else { return defaultValue }
        if case .boolean(let value) = node.content { return value }
        report(at: node.position, key: key, "expected true or false, found \(describe(node))")
        return defaultValue
    }

    mutating func integer(_ entry: SectionEntry, _ key: String, default defaultValue: Int) -> Int {
        guard let node = entry[key] else { return defaultValue }
        if case .integer(let value) = node.content { return Int(value) }
        report(at: node.position, key: key, "expected a whole number, found \(describe(node))")
        return defaultValue
    }

    // MARK: Lists and tables

    /// The items of a list. Nothing is an empty list, so that all items can be commented out.
    mutating func list(_ node: SourceNode) -> [SourceNode]? {
        switch node.content {
        case .list(let items): return items
        case .null: return []
        default:
            report(at: node.position, "expected a list, found \(describe(node))")
            return nil
        }
    }

    /// A table that is read key by key.
    mutating func entry(_ node: SourceNode) -> SectionEntry? {
        table(node).map { SectionEntry(members: $0, position: node.position, isExport: isExport) }
    }

    /// The members of a table, each key once. In Erlang a table may be a list of pairs, and older RabbitMQ
    /// versions export some of them as such: `[]`, or `[["max-length", 10000]]`. Nothing is an empty table.
    mutating func table(_ node: SourceNode) -> [SourceNode.Member]? {
        guard let members = members(of: node) else {
            report(at: node.position, "expected a table, found \(describe(node))")
            return nil
        }
        checkKeysAreUnique(members)
        return members
    }

    private func members(of node: SourceNode) -> [SourceNode.Member]? {
        switch node.content {
        case .table(let members):
            return members
        case .list(let items) where isExport || items.isEmpty:
            let pairs = items.compactMap(pair)
            return pairs.count == items.count ? pairs : nil
        case .null:
            return []
        default:
            return nil
        }
    }

    private func pair(_ node: SourceNode) -> SourceNode.Member? {
        guard case .list(let items) = node.content, items.count == 2, case .text(let key) = items[0].content else {
            return nil
        }
        return SourceNode.Member(key: key, keyPosition: items[0].position, value: items[1])
    }

    private mutating func checkKeysAreUnique(_ members: [SourceNode.Member]) {
        // Few keys, as nearly all tables have, are compared sooner than hashed.
        let isSmall = members.count <= 8
        var keys: Set<WireName> = []
        for (index, member) in members.enumerated() {
            let isNew =
                isSmall
                ? !members[..<index].contains { $0.key.hasSameBytes(as: member.key) }
                : keys.insert(WireName(member.key)).inserted
            if !isNew { report(at: member.keyPosition, "the \(quotedKey(member.key)) stands twice in one table") }
        }
    }

    // MARK: Arguments

    /// A table of arguments; empty if there is none.
    mutating func fieldTable(_ entry: SectionEntry, _ key: String) -> FieldTable {
        guard let node = entry[key] else { return [:] }
        path.append(.key(key))
        defer { path.removeLast() }
        return fieldTable(table(node) ?? [])
    }

    private mutating func fieldTable(_ members: [SourceNode.Member]) -> FieldTable {
        var entries: [FieldTable.Entry] = []
        entries.reserveCapacity(members.count)
        for member in members {
            path.append(.key(member.key))
            if member.key.utf8.count > Self.nameBytesMax {
                report(at: member.keyPosition, "the key is longer than \(Self.nameBytesMax) bytes")
            }
            entries.append(FieldTable.Entry(name: member.key, value: fieldValue(member.value)))
            path.removeLast()
        }
        return FieldTable(entries)
    }

    mutating func fieldValue(_ node: SourceNode) -> FieldValue {
        switch node.content {
        case .null: return .void
        case .boolean(let value): return .boolean(value)
        case .integer(let value): return .int64(value)
        case .double(let value): return .double(value)
        case .text(let text): return .string(text)
        case .table: return .table(fieldTable(table(node) ?? []))
        case .numberOutOfRange:
            report(at: node.position, "the number \(describe(node)) does not fit into 64 bits")
            return .void
        case .list(let items):
            var values: [FieldValue] = []
            values.reserveCapacity(items.count)
            for (index, item) in items.enumerated() {
                path.append(.index(index))
                values.append(fieldValue(item))
                path.removeLast()
            }
            return .array(values)
        }
    }

    // MARK: Descriptions

    /// How what stands there becomes text.
    private func hintAtQuotes(_ node: SourceNode) -> String {
        switch node.content {
        case .boolean, .integer, .double, .numberOutOfRange: ": put it in quotes"
        case .null: format == .yaml ? ": text that begins with # or & must stand in quotes" : ""
        case .text, .list, .table: ""
        }
    }

    /// What stands there, for an error message; only its type where secrets may stand.
    func describe(_ node: SourceNode) -> String {
        switch node.content {
        case .null: "nothing"
        case .boolean(let value): quotesValues ? "\(value)" : "true or false"
        case .integer(let value): quotesValues ? "\(value)" : "a number"
        case .double(let value): quotesValues ? "\(value)" : "a number"
        case .numberOutOfRange(let text): quotesValues ? "\(text.prefix(64))" : "a number"
        case .text(let text): quotesValues ? quoted(text) : "text"
        case .list: "a list"
        case .table: "a table"
        }
    }
}
