import DequeModule

/// The messages that were taken, in their order, found by their fingerprints. When there are too many the oldest is
/// forgotten.
///
/// Every message that is to be remembered across restarts has a number in the state, which is used again when the message
/// is forgotten: so the next one takes the place of its record, and forgetting writes nothing.
struct SeenMessages {
    /// Numbers that are free and still have a record each, beyond as many as are in use: the rest is given back.
    private static let spareNumbersMax = 1024

    private let countMax: Int
    private var messages = Deque<SeenMessage>()
    /// The order of the last message of each fingerprint. Its place follows from that: orders are dense here.
    private var orders: [Fingerprint: UInt64] = [:]
    private var nextOrder: UInt64 = 0
    private var nextNumber: UInt64 = 0
    private var freeNumbers: [UInt64] = []

    init(countMax: Int) {
        precondition(countMax > 0)
        self.countMax = countMax
    }

    /// What a start found.
    init(countMax: Int, restored: [UInt64: [UInt8]]) {
        self.init(countMax: countMax)
        var found: [SeenMessage] = []
        for (number, value) in restored {
            nextNumber = max(nextNumber, number + 1)
            if let message = SeenMessage(decoding: value, number: number) {
                found.append(message)
            } else {
                freeNumbers.append(number)
            }
        }
        found.sort { $0.order < $1.order }
        fill(found, nextOrder: (found.last?.order ?? 0) + 1)
        while messages.count > countMax { forgetFirst() }
    }

    /// Orders become dense again. Those in the state stay as they are: who was before whom is the same, and what comes
    /// stands behind all of them.
    private mutating func fill(_ found: [SeenMessage], nextOrder end: UInt64) {
        nextOrder = max(end, UInt64(found.count)) - UInt64(found.count)
        for message in found {
            append(message.fingerprint, message.expiresAtMilliseconds, message.sequence, number: message.number)
        }
    }

    var count: Int { messages.count }

    /// The last message of that fingerprint.
    func find(_ fingerprint: Fingerprint) -> SeenMessage? {
        guard let order = orders[fingerprint], let first = messages.first else { return nil }
        return messages[Int(order - first.order)]
    }

    /// Remembers a message; the oldest goes if there is no room.
    ///
    /// - Parameters:
    ///   - isKept: give it a number in the state.
    ///   - isOver: whether a message can be no more in anybody's way. Asked about the oldest few.
    /// - Returns: the message, to be put into the state if it has a number.
    mutating func add(
        _ fingerprint: Fingerprint, expiresAtMilliseconds: UInt64, sequence: UInt64, isKept: Bool,
        where isOver: (SeenMessage) -> Bool
    ) -> SeenMessage {
        // Two for the one that comes, so that they get fewer.
        for _ in 0..<2 {
            guard let first = messages.first, orders[first.fingerprint] != first.order || isOver(first) else { break }
            forgetFirst()
        }
        if messages.count == countMax { forgetFirst() }
        var number: UInt64?
        if isKept {
            number = freeNumbers.popLast() ?? nextNumber
            if number == nextNumber { nextNumber += 1 }
        }
        return append(fingerprint, expiresAtMilliseconds, sequence, number: number)
    }

    /// A number whose record is to be removed from the state, if there are very many that are not needed.
    mutating func takeSpareNumber() -> UInt64? {
        guard freeNumbers.count > messages.count + Self.spareNumbersMax else { return nil }
        return freeNumbers.popLast()
    }

    /// Forgets all messages for which that holds.
    ///
    /// - Returns: their numbers in the state, which are not used again until they are removed there.
    mutating func forget(where isOver: (SeenMessage) -> Bool) -> [UInt64] {
        var kept: [SeenMessage] = []
        var numbers: [UInt64] = []
        for message in messages {
            if orders[message.fingerprint] != message.order || isOver(message) {
                if let number = message.number { numbers.append(number) }
            } else {
                kept.append(message)
            }
        }
        guard kept.count < messages.count else { return [] }
        messages.removeAll()
        orders.removeAll()
        fill(kept, nextOrder: nextOrder)
        return numbers
    }

    @discardableResult
    private mutating func append(
        _ fingerprint: Fingerprint, _ expiresAtMilliseconds: UInt64, _ sequence: UInt64, number: UInt64?
    ) -> SeenMessage {
        let message = SeenMessage(
            fingerprint: fingerprint, order: nextOrder, expiresAtMilliseconds: expiresAtMilliseconds,
            sequence: sequence, number: number)
        nextOrder += 1
        messages.append(message)
        orders[fingerprint] = message.order
        return message
    }

    private mutating func forgetFirst() {
        let first = messages.removeFirst()
        if orders[first.fingerprint] == first.order { orders[first.fingerprint] = nil }
        if let number = first.number { freeNumbers.append(number) }
    }
}
