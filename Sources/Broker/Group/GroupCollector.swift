import Routing

/// Puts messages into groups.
final class GroupCollector: WalkVisitor {
    private let subject: FilterSubject
    private(set) var gate: FilterGate
    private(set) var bytes = 0
    private(set) var undecided = 0
    /// Where in `groups` a key's group is.
    private var places = ByteTable<Int>()
    private var withoutKey: Int?
    private var groups: [MessageGroup] = []
    private var others: MessageGroup?

    init(by key: GroupKey, _ gate: FilterGate) {
        subject = key.subject
        self.gate = gate
    }

    func visit(_ message: WalkedMessage) -> WalkStep {
        if gate.admits(message) {
            bytes += message.view.bodyCount
            sort(message)
        }
        return gate.step(behind: message)
    }

    private func sort(_ message: WalkedMessage) {
        var name = message.queue.name
        let verdict = name.withUTF8 { name in
            var filtered = FilteredMessage(
                message, nowMilliseconds: message.queue.core.nowMilliseconds, queueName: UnsafeRawBufferPointer(name))
            return subject.ask(&filtered) { value in
                FilterText.with(value) { text in add(message, text) }
                return .yes
            }
        }
        switch verdict {
        case .yes: break
        case .no: add(message, nil)
        case .undecided: undecided += 1
        }
    }

    private func add(_ message: WalkedMessage, _ key: UnsafeRawBufferPointer?) {
        let key = key.map { UnsafeRawBufferPointer(rebasing: $0.prefix(GroupKey.bytesMax)) }
        let time = message.view.publishedAtMilliseconds
        if let place = key.map({ places.value(for: $0) }) ?? withoutKey {
            groups[place].messages += 1
            groups[place].bytes += message.view.bodyCount
            groups[place].firstSeenMilliseconds = min(groups[place].firstSeenMilliseconds, time)
            groups[place].lastSeenMilliseconds = max(groups[place].lastSeenMilliseconds, time)
            return
        }
        let isTracked = groups.count < MessageGroups.trackedMax
        let group = MessageGroup(
            key: isTracked ? key.map { String(decoding: $0, as: UTF8.self) } : nil, messages: 1,
            bytes: message.view.bodyCount, firstSeenMilliseconds: time, lastSeenMilliseconds: time,
            sample: MessageID(rawValue: message.entry.sequence))
        guard isTracked else { return addToOthers(group) }
        if let key { places.insert(groups.count, for: key) } else { withoutKey = groups.count }
        groups.append(group)
    }

    private func addToOthers(_ group: MessageGroup) {
        if others == nil { others = group } else { others?.add(group) }
    }

    /// - Parameter limit: of groups that are listed.
    func result(limit: Int, _ end: WalkEnd) -> MessageGroups {
        let sorted = groups.sorted { left, right in
            left.messages != right.messages
                ? left.messages > right.messages : left.sample.rawValue < right.sample.rawValue
        }
        let isLimit = others != nil
        var all = others
        for group in sorted.dropFirst(limit) {
            let nameless = MessageGroup(
                key: nil, messages: group.messages, bytes: group.bytes,
                firstSeenMilliseconds: group.firstSeenMilliseconds, lastSeenMilliseconds: group.lastSeenMilliseconds,
                sample: group.sample)
            if all == nil { all = nameless } else { all?.add(nameless) }
        }
        return MessageGroups(
            groups: Array(sorted.prefix(limit)), others: all, groupCount: groups.count, isGroupCountALimit: isLimit,
            count: MessageCount(
                scanned: end.scanned, matched: gate.matched, undecided: gate.undecided + undecided, bytes: bytes,
                next: end.next))
    }
}
