import SeededRandom
import Testing

@testable import MessageDeduplication

@Suite struct SeenMessagesTests {
    private static func fingerprint(_ id: UInt64) -> Fingerprint { Fingerprint(high: id, low: 0) }

    /// What the state of a broker would hold.
    private struct State {
        var values: [UInt64: [UInt8]] = [:]
        var countMax = 0

        mutating func note(_ message: SeenMessage) {
            guard let number = message.number else { return }
            values[number] = message.encoded
            countMax = max(countMax, values.count)
        }
    }

    @Test("the oldest goes when there is no room")
    func eviction() {
        var seen = SeenMessages(countMax: 3)
        for id in 1...4 as ClosedRange<UInt64> {
            _ = seen.add(
                Self.fingerprint(id), expiresAtMilliseconds: .max, sequence: id, isKept: true, where: { _ in false })
        }
        #expect(seen.count == 3)
        #expect(seen.find(Self.fingerprint(1)) == nil)
        #expect((2...4).allSatisfy { seen.find(Self.fingerprint($0))?.sequence == $0 })
    }

    @Test("numbers in the state are used again, and given back when very many are free")
    func numbers() {
        var seen = SeenMessages(countMax: 5000)
        var state = State()
        for id in 0..<4000 as Range<UInt64> {
            state.note(
                seen.add(
                    Self.fingerprint(id), expiresAtMilliseconds: .max, sequence: id, isKept: true, where: { _ in false }
                ))
        }
        #expect(state.values.count == 4000 && seen.count == 4000)
        // All of them are over: two go with each that comes.
        for id in 4000..<9000 as Range<UInt64> {
            state.note(
                seen.add(
                    Self.fingerprint(id), expiresAtMilliseconds: .max, sequence: id, isKept: true,
                    where: { $0.sequence + 10 < id }))
            for _ in 0..<2 {
                if let number = seen.takeSpareNumber() { #expect(state.values.removeValue(forKey: number) != nil) }
            }
        }
        #expect(state.countMax == 4000)
        #expect(seen.count == 11)
        #expect(state.values.count <= 11 + 1025 + 11)
    }

    @Test("random work, restarts and a small window: as a plain list has it", arguments: 0..<8)
    func againstAList(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var seen = SeenMessages(countMax: 20)
        var state = State()
        /// Newest last; what has expired is still in the way of the oldest.
        var list: [(id: UInt64, expires: UInt64)] = []
        var now: UInt64 = 0
        for step in 0..<2000 {
            now += UInt64.random(in: 0..<3, using: &random)
            let id = UInt64.random(in: 0..<60, using: &random)
            let isKnown = seen.find(Self.fingerprint(id)).map { !$0.isExpired(now) } ?? false
            let last = list.last { $0.id == id }
            // A list of at most 20 with everything: what the window knows, the list knows.
            if isKnown { #expect(last.map { $0.expires > now } == true, "seed \(seed), step \(step)") }
            if let last, last.expires > now, list.suffix(20).contains(where: { $0.id == id && $0.expires > now }) {
                #expect(isKnown, "seed \(seed), step \(step)")
            }
            if !isKnown {
                let expires = Bool.random(using: &random) ? .max : now + UInt64.random(in: 1..<40, using: &random)
                state.note(
                    seen.add(
                        Self.fingerprint(id), expiresAtMilliseconds: expires, sequence: 0, isKept: true,
                        where: { $0.isExpired(now) }))
                list.append((id, expires))
            }
            if step.isMultiple(of: 97) {
                let before = (0..<60).map { seen.find(Self.fingerprint($0))?.isExpired(now) == false }
                seen = SeenMessages(countMax: 20, restored: state.values)
                for number in seen.forget(where: { $0.isExpired(now) }) { state.values[number] = nil }
                let after = (0..<60).map { seen.find(Self.fingerprint($0))?.isExpired(now) == false }
                #expect(zip(before, after).allSatisfy { !$0 || $1 }, "seed \(seed), step \(step)")
            }
            #expect(seen.count <= 20)
        }
    }

    @Test("a value of another version is passed over, and its number used again")
    func otherVersions() {
        var seen = SeenMessages(countMax: 4, restored: [7: [9, 1, 2], 8: []])
        #expect(seen.count == 0)
        let numbers = (0..<2).map { id in
            seen.add(
                Self.fingerprint(id), expiresAtMilliseconds: .max, sequence: 0, isKept: true, where: { _ in false }
            ).number
        }
        #expect(Set(numbers) == [7, 8])
    }
}
