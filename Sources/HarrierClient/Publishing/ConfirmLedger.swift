import DequeModule

/// The publishes of a channel in confirm mode that the broker has not answered yet, and who waits for them.
///
/// The broker numbers the publishes of a channel from 1; so does this, and both count the same as long as every
/// publish after confirm.select is recorded here in the order in which it is sent.
struct ConfirmLedger {
    /// A caller whose wait is over, and what it is to be told.
    struct Settlement {
        let call: CallID
        /// `nil` if all is well.
        let error: AMQPClientError?
    }

    private struct Entry {
        /// Nobody waits for a publish that was not asked to be confirmed, or whose caller was cancelled.
        var call: CallID?
        /// Only of mandatory messages: no others are returned.
        let fingerprint: ReturnFingerprint?
        var isReturned = false
        var isSettled = false
    }

    /// How many publishes, counted from the oldest that is not settled, may be under way.
    let windowMax: Int
    /// The tag of `entries[0]`.
    private var firstTag: UInt64 = 1
    /// At most `windowMax`. The first one is not settled.
    private var entries: Deque<Entry> = []
    /// What came back, until the broker's ack for it, which follows.
    private var returned: [UInt64: ReturnedMessage] = [:]
    /// The broker handles the publishes of a channel in their order, so a return is for one behind the last.
    private var lastReturnedTag: UInt64 = 0
    /// Callers that wait until everything up to a tag is settled, in the order of the tags.
    private var drainWaiters: Deque<(tag: UInt64, call: CallID)> = []
    /// The first publish that failed without a caller of its own, since somebody last waited for all, and how many did.
    private var failures: (first: AMQPClientError, count: Int)?

    init(windowMax: Int) {
        precondition(windowMax > 0)
        self.windowMax = windowMax
    }

    var hasRoom: Bool { entries.count < windowMax }

    /// Must be called once for every publish, in the order of sending; there must be room.
    mutating func recordPublish(call: CallID?, fingerprint: ReturnFingerprint?) {
        precondition(hasRoom)
        entries.append(Entry(call: call, fingerprint: fingerprint))
    }

    /// Who is to be told of basic.ack or basic.nack; `nil` if the tag was never given out, which breaks the protocol.
    mutating func settle(tag: UInt64, multiple: Bool, refused: Bool) -> [Settlement]? {
        guard tag < firstTag + UInt64(entries.count) else { return nil }
        var settlements: [Settlement] = []
        if multiple {
            // Tag 0 stands for all that there are.
            let last = tag == 0 ? firstTag + UInt64(entries.count) - 1 : tag
            var next = firstTag
            while next <= last {
                settleOne(next, refused: refused, into: &settlements)
                next += 1
            }
        } else if tag >= firstTag {
            settleOne(tag, refused: refused, into: &settlements)
        } else if tag == 0 {
            return nil
        }
        dropSettled(into: &settlements)
        return settlements
    }

    private mutating func settleOne(_ tag: UInt64, refused: Bool, into settlements: inout [Settlement]) {
        let index = Int(tag - firstTag)
        guard !entries[index].isSettled else { return }
        entries[index].isSettled = true
        var error: AMQPClientError? = refused ? .publishRefused : nil
        if entries[index].isReturned, let message = returned.removeValue(forKey: tag) {
            error = .returned(message)
        }
        if let call = entries[index].call {
            settlements.append(Settlement(call: call, error: error))
        } else if let error {
            failures = (failures?.first ?? error, (failures?.count ?? 0) + 1)
        }
    }

    private mutating func dropSettled(into settlements: inout [Settlement]) {
        while let first = entries.first, first.isSettled {
            entries.removeFirst()
            firstTag += 1
        }
        while let waiter = drainWaiters.first, waiter.tag < firstTag {
            drainWaiters.removeFirst()
            settlements.append(Settlement(call: waiter.call, error: takeFailure()))
        }
    }

    /// Gives a returned message to the publish that it belongs to. False if there is none.
    ///
    /// Of several that look alike the oldest gets it: they are equal in exchange, routing key and body, so that
    /// whoever repeats the one that failed repeats the right message.
    mutating func claim(_ message: ReturnedMessage, fingerprint: ReturnFingerprint) -> Bool {
        let index =
            returnable { $0.whole == fingerprint.whole } ?? returnable { $0.content == fingerprint.content }
        guard let index else { return false }
        let tag = firstTag + UInt64(index)
        entries[index].isReturned = true
        returned[tag] = message
        lastReturnedTag = tag
        return true
    }

    private func returnable(_ matches: (ReturnFingerprint) -> Bool) -> Int? {
        let start = lastReturnedTag >= firstTag ? Int(lastReturnedTag - firstTag) + 1 : 0
        guard start < entries.count else { return nil }
        return entries[start...].firstIndex { entry in
            guard !entry.isSettled, let fingerprint = entry.fingerprint else { return false }
            return matches(fingerprint)
        }
    }

    /// Begins to wait for all publishes so far. True if there is nothing to wait for; then `call` is forgotten, and
    /// ``takeFailure()`` says how it went.
    mutating func waitForAll(_ call: CallID) -> Bool {
        guard !entries.isEmpty else { return true }
        drainWaiters.append((tag: firstTag + UInt64(entries.count) - 1, call: call))
        return false
    }

    /// The failures that no caller was told of, once.
    mutating func takeFailure() -> AMQPClientError? {
        defer { failures = nil }
        return failures.map { .several($0.first, count: $0.count) }
    }

    /// The caller waits no longer. Its publish keeps its number, and its place in the window until the broker answers.
    mutating func forget(_ call: CallID) {
        if let index = entries.firstIndex(where: { $0.call == call }) { entries[index].call = nil }
        drainWaiters.removeAll { $0.call == call }
    }

    /// Everybody who waits, for the end of the channel.
    mutating func removeAll() -> [CallID] {
        defer {
            entries.removeAll()
            drainWaiters.removeAll()
            returned.removeAll()
        }
        return entries.compactMap { $0.isSettled ? nil : $0.call } + drainWaiters.map(\.call)
    }
}
