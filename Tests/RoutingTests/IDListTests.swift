import SeededRandom
import TestSeeds
import Testing

@testable import Routing

struct IDListTests {
    @Test func agreesWithAnArrayUnderRandomOperations() throws {
        var random = SeededGenerator()
        var list = IDList()
        var model: [UInt32] = []
        for step in 0..<1_500 {
            let id = UInt32.random(in: 0..<50, using: &random)
            // Growing and shrinking phases take turns.
            if Int.random(in: 0..<10, using: &random) < (step / 100 % 2 == 0 ? 7 : 3) {
                list.append(id)
                model.append(id)
            } else {
                let position = model.firstIndex(of: id)
                if let position { model.remove(at: position) }
                let wasIn = list.remove(id)
                try #require(wasIn == (position != nil), "step \(step), \(random)")
            }
            let content = (0..<Int(list.count)).map { list[$0] }.sorted()
            try #require(content == model.sorted(), "step \(step), \(random)")
        }
    }

    @Test(arguments: [0, 1, 2, 3, 4, 5, 100])
    func insertsAllIntoACollector(count: UInt32) {
        var list = IDList()
        for id in 0..<count { list.append(id) }
        var collector = RouteCollector()
        list.insert(into: &collector)
        let ids = collector.sorted()
        #expect(ids == Array(0..<count))
    }
}
