import AMQPProtocol
import SeededRandom
import TestSeeds
import Testing

@testable import Routing

/// What the index keeps: nothing of what has been unbound.
struct HeadersIndexTests {
    @Test func unbindingEverythingLeavesNothing() {
        var random = SeededGenerator()
        var index = HeadersIndex()
        var bindings: [(arguments: FieldTable, match: HeadersMatch, destination: UInt32)] = []
        for destination: UInt32 in 0..<1_000 {
            var arguments = FieldTable()
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let value = Int32.random(in: 0..<5, using: &random)
                arguments[random.element(of: ["a", "b", "c", "x-d"])] = random.oneIn(5) ? .void : .int32(value)
            }
            let match = random.element(of: [HeadersMatch.all, .any, .allWithX, .anyWithX])
            bindings.append((arguments, match, destination))
            arguments.withView { index.insert($0, match: match, destination: destination) }
        }
        let most = (index.nameCount, index.conditionCount)
        #expect(most == (4, 24), "\(random)")
        for binding in bindings.shuffled(using: &random) {
            binding.arguments.withView { index.remove($0, match: binding.match, destination: binding.destination) }
        }
        let least = (index.nameCount, index.conditionCount, index.bindingCount)
        #expect(least == (0, 0, 0), "\(random)")
    }

    /// A binding stands under the condition that fewest others stand under, so that a condition that all bindings
    /// share does not make every message look at all of them.
    @Test func aSharedConditionIsNotWhereBindingsAreLookedFor() {
        var index = HeadersIndex()
        for customer: UInt32 in 0..<1_000 {
            let arguments: FieldTable = ["kind": .string("order"), "customer": .uint32(customer)]
            arguments.withView { index.insert($0, match: .all, destination: customer) }
        }
        var collector = RouteCollector()
        let headers: FieldTable = ["kind": .string("order"), "customer": .int64(7)]
        headers.withView { index.match($0, into: &collector) }
        let (ids, candidates) = (collector.sorted(), index.candidateVisitCount)
        #expect(ids == [7] && candidates <= 2)
    }
}
