import SeededRandom
import Testing

@testable import SegmentLog

/// Looks at an index's entries in any state, against a list.
@Suite struct IndexLookTests {
    @Test("the next entry in a state is what a list says", arguments: 0..<8)
    func next(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let fixture = try IndexFixture()
        let index = PagedIndex(store: fixture.store, first: random.next(upTo: 600))
        let first = index.end
        for number in 0..<1200 { index.append(IndexEntry(first: UInt64(number), second: 0), isDurable: true) }
        var states = Array(repeating: PagedIndex.EntryState.ready, count: 1200)
        for offset in 0..<1200 {
            switch random.next(upTo: seed < 4 ? 4 : 400) {
            case 0:
                index.take(at: first + offset)
                states[offset] = .out
            case 1:
                index.settle(at: first + offset)
                // Neither ready nor out.
                states[offset] = .live
            default: break
            }
        }
        for _ in 0..<500 {
            let start = first + random.next(upTo: 1300)
            let end = start + random.next(upTo: 700)
            for state in [PagedIndex.EntryState.live, .ready, .out] {
                let expected = (start..<end).first { number in
                    guard number < first + 1200 else { return false }
                    let found = states[number - first]
                    return state == .live ? found != .live : found == state
                }
                #expect(
                    index.next(state, from: start, before: end) == expected, "seed \(seed), from \(start) to \(end)")
                let last = (start..<end + 1).last { number in
                    guard number < first + 1200 else { return false }
                    let found = states[number - first]
                    return state == .live ? found != .live : found == state
                }
                #expect(
                    index.last(state, from: start, through: end) == last, "seed \(seed), from \(start) through \(end)")
            }
        }
        #expect(index.firstNumber <= first)
    }
}
