import Testing

@testable import Broker

/// Waits for what the core does in later turns, with a clock that the test turns.
enum Browsing {
    /// Ends turns until there is a result.
    static func wait<Value>(
        _ core: BrokerCore, _ clock: ManualClock, turnsMax: Int = 100_000,
        _ begin: (@escaping (Value) -> Void) -> Void
    ) throws -> Value {
        var result: Value?
        begin { value in
            #expect(result == nil, "a completion was called twice")
            result = value
        }
        var turns = 0
        while result == nil, turns < turnsMax {
            turn(core, clock)
            turns += 1
        }
        return try #require(result, "nothing after \(turnsMax) turns")
    }

    static func turn(_ core: BrokerCore, _ clock: ManualClock) {
        clock.nanoseconds += 1
        core.runTimers()
        core.endBurst()
        core.logProgressed()
    }

    /// One page.
    static func page(
        _ queue: Queue, _ core: BrokerCore, _ clock: ManualClock, _ request: BrowseRequest
    ) throws -> BrowsePage {
        try wait(core, clock) { then in queue.browse(request, then: then) }.get()
    }

    /// All pages, one behind the other.
    static func all(
        _ queue: Queue, _ core: BrokerCore, _ clock: ManualClock, _ states: MessageStates = .all, limit: Int = 1000,
        bodyBytesMax: Int = 1 << 16
    ) throws -> [BrowsedMessage] {
        var messages: [BrowsedMessage] = []
        var cursor: MessageID?
        repeat {
            let page = try page(
                queue, core, clock,
                BrowseRequest(states: states, cursor: cursor, limit: limit, bodyBytesMax: bodyBytesMax))
            #expect(page.messages.count <= limit && page.scanned >= page.messages.count)
            messages += page.messages
            cursor = page.next
        } while cursor != nil
        return messages
    }
}

extension BrowsedMessage {
    var bodyText: String { String(decoding: body, as: UTF8.self) }
}
