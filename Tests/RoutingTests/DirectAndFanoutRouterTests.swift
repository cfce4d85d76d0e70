import AMQPProtocol
import SeededRandom
import TestSeeds
import Testing

@testable import Routing

struct DirectAndFanoutRouterTests {
    @Test func directMatchesTheWholeKeyOnly() throws {
        let router = DirectRouter()
        try router.bind("orders", to: 1)
        try router.bind("orders", to: 2)
        try router.bind("orders.eu", to: 3)
        try router.bind("", to: 4)
        #expect(router.route("orders") == [1, 2])
        #expect(router.route("orders.eu") == [3])
        #expect(router.route("") == [4])
        #expect(router.route("Orders") == [])
        #expect(router.route("order") == [])
    }

    /// Bindings that differ only in their arguments are several bindings: the last one counts.
    @Test func directKeepsADestinationUntilItsLastBindingOfTheKeyGoes() throws {
        let router = DirectRouter()
        try router.bind("key", to: 1)
        try router.bind("key", ["note": .int32(1)], to: 1)
        #expect(router.route("key") == [1])
        router.unbind("key", from: 1)
        #expect(router.route("key") == [1])
        router.unbind("key", ["note": .int32(1)], from: 1)
        #expect(router.route("key") == [])
        #expect(router.keyCount == 0)
    }

    @Test func fanoutGoesEverywhereWhateverTheKey() throws {
        let router = FanoutRouter()
        try router.bind("", to: 1)
        try router.bind("a", to: 2)
        try router.bind("b", to: 2)
        #expect(router.route("anything") == [1, 2])
        router.unbind("a", from: 2)
        #expect(router.route("") == [1, 2])
        router.unbind("b", from: 2)
        #expect(router.route("") == [1])
    }

    @Test(arguments: ["direct", "fanout"])
    func agreesWithANaiveMatcherUnderRandomOperations(type: String) throws {
        var random = SeededGenerator("\(#function) \(type)")
        let router = type == "direct" ? DirectRouter() : FanoutRouter()
        var bindings: Set<NaiveBinding> = []
        for step in 0..<1_500 {
            let binding = NaiveBinding(
                key: "key.\(Int.random(in: 0..<20, using: &random))",
                destination: UInt32.random(in: 0..<40, using: &random))
            // Growing and shrinking phases take turns.
            if bindings.contains(binding), step / 200 % 2 == 1 || random.oneIn(2) {
                bindings.remove(binding)
                router.unbind(binding.key, from: binding.destination)
            } else if bindings.insert(binding).inserted {
                try router.bind(binding.key, to: binding.destination)
            }
            let matching = bindings.filter { type == "fanout" || $0.key == binding.key }
            let expected = Set(matching.map(\.destination)).sorted()
            let routed = router.route(binding.key)
            try #require(routed == expected, "step \(step), \(random)")
        }
    }
}
