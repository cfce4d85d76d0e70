import AMQPProtocol
import Routing
import SeededRandom
import TestSeeds
import Testing

struct TopicRouterTests {
    /// The bindings that RabbitMQ is tested with, numbered as there.
    private static let bindings: [(key: String, destination: UInt32)] = [
        ("a.b.c", 1), ("a.*.c", 2), ("a.#.b", 3), ("a.b.b.c", 4), ("#", 5), ("#.#", 6), ("#.b", 7), ("*.*", 8),
        ("a.*", 9), ("*.b.c", 10), ("a.#", 11), ("a.#.#", 12), ("b.b.c", 13), ("a.b.b", 14), ("a.b", 15), ("b.c", 16),
        ("", 17), ("*.*.*", 18), ("vodka.martini", 19), ("a.b.c", 20), ("*.#", 21), ("#.*.#", 22), ("*.#.#", 23),
        ("#.#.#", 24), ("*", 25), ("#.b.#", 26), ("args-test", 27),
    ]

    private static let expected: [(key: String, destinations: [UInt32])] = [
        ("a.b.c", [1, 2, 5, 6, 10, 11, 12, 18, 20, 21, 22, 23, 24, 26]),
        ("a.b", [3, 5, 6, 7, 8, 9, 11, 12, 15, 21, 22, 23, 24, 26]),
        ("a.b.b", [3, 5, 6, 7, 11, 12, 14, 18, 21, 22, 23, 24, 26]),
        ("", [5, 6, 17, 24]),
        ("b.c.c", [5, 6, 18, 21, 22, 23, 24, 26]),
        ("a.a.a.a.a", [5, 6, 11, 12, 21, 22, 23, 24]),
        ("vodka.gin", [5, 6, 8, 21, 22, 23, 24]),
        ("vodka.martini", [5, 6, 8, 19, 21, 22, 23, 24]),
        ("b.b.c", [5, 6, 10, 13, 18, 21, 22, 23, 24, 26]),
        ("nothing.here.at.all", [5, 6, 21, 22, 23, 24]),
        ("oneword", [5, 6, 21, 22, 23, 24, 25]),
        ("args-test", [5, 6, 21, 22, 23, 24, 25, 27]),
    ]

    @Test func routesAsRabbitMQ() throws {
        let router = TopicRouter()
        for (key, destination) in Self.bindings { try router.bind(key, to: destination) }
        try router.bind("args-test", ["foo": .string("baz")], to: 27)
        for (key, destinations) in Self.expected { #expect(router.route(key) == destinations, "key \(key)") }

        router.unbind("args-test", from: 27)
        let removed: Set<UInt32> = [1, 5, 11, 19, 21]
        for (key, destination) in Self.bindings where removed.contains(destination) {
            router.unbind(key, from: destination)
        }
        for (key, destinations) in Self.expected {
            #expect(router.route(key) == destinations.filter { !removed.contains($0) }, "key \(key)")
        }
    }

    /// The examples of RabbitMQ's tutorial on topics.
    @Test func routesTheTutorialsAnimals() throws {
        let router = TopicRouter()
        try router.bind("*.orange.*", to: 1)
        try router.bind("*.*.rabbit", to: 2)
        try router.bind("lazy.#", to: 2)
        #expect(router.route("quick.orange.rabbit") == [1, 2])
        #expect(router.route("lazy.orange.elephant") == [1, 2])
        #expect(router.route("quick.orange.fox") == [1])
        #expect(router.route("lazy.brown.fox") == [2])
        #expect(router.route("lazy.pink.rabbit") == [2])
        #expect(router.route("quick.brown.fox") == [])
        #expect(router.route("orange") == [])
        #expect(router.route("quick.orange.new.rabbit") == [])
        #expect(router.route("lazy.orange.new.rabbit") == [2])
        #expect(router.route("lazy") == [2])
    }

    private static let edgeKeys = [
        "", ".", "..", "a", "a.", ".a", "a.b", "a..b", "a...b", ".a.", "*", "#", "*.#", "#.*", "#.#", "*.*", "*.", ".#",
        "a.#", "#.a", "a*", "#a", "##", "**", "a.#.#.b", "#.*.#.*.#", "\u{00E9}.\u{0000}",
    ]

    /// Empty words, words that only look like wildcards, wildcards in the routing key: each key bound, each published.
    @Test(arguments: edgeKeys)
    func oddKeysMatchAsDefined(bound: String) throws {
        let router = TopicRouter()
        try router.bind(bound, to: 1)
        for published in Self.edgeKeys {
            let expected: [UInt32] = NaiveBinding(key: bound, destination: 1).topicMatches(published) ? [1] : []
            #expect(router.route(published) == expected, "published \(published)")
        }
    }

    @Test func emptyWordsAreWords() throws {
        let router = TopicRouter()
        for (destination, key) in ["", "*", "*.*", "*.*.*", "a..b"].enumerated() {
            try router.bind(key, to: UInt32(destination))
        }
        #expect(router.route("") == [0])
        #expect(router.route(".") == [2])
        #expect(router.route("..") == [3])
        #expect(router.route("a..b") == [3, 4])
    }

    private static func randomKey(_ words: [String], _ countMax: Int, _ random: inout SeededGenerator) -> String {
        (0..<Int.random(in: 0...countMax, using: &random)).map { _ in random.element(of: words) }
            .joined(separator: ".")
    }

    @Test func agreesWithANaiveMatcherUnderRandomOperations() throws {
        var random = SeededGenerator()
        let router = TopicRouter()
        var bindings: Set<NaiveBinding> = []
        for step in 0..<2_000 {
            let binding = NaiveBinding(
                key: Self.randomKey(["a", "b", "cc", "", "*", "*", "#", "#"], 5, &random),
                destination: UInt32.random(in: 0..<100, using: &random))
            // Growing and shrinking phases take turns.
            if step / 200 % 2 == 1, let old = bindings.randomElement(using: &random) {
                bindings.remove(old)
                router.unbind(old.key, from: old.destination)
            } else if bindings.insert(binding).inserted {
                try router.bind(binding.key, to: binding.destination)
            }
            let key = Self.randomKey(["a", "b", "cc", "", "unbound", "*", "#"], 6, &random)
            let expected = Set(bindings.filter { $0.topicMatches(key) }.map(\.destination)).sorted()
            let routed = router.route(key)
            try #require(routed == expected, "step \(step), key \(key), \(random)")
        }
    }
}
