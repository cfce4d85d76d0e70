import AMQPProtocol
import Testing

@testable import ConsistentHashExchange

@Suite struct ConsistentHashTests {
    private static let keys = (0..<40_000).map { "order.\($0)" }

    private static func router(_ weights: [Int], _ arguments: FieldTable = [:]) throws -> ConsistentHashRouter {
        let router = ConsistentHashRouter(hashing: try HashedPart(arguments))
        for (index, weight) in weights.enumerated() {
            try router.bind("\(weight)", to: UInt32(index), named: "qqueue-\(index)")
        }
        return router
    }

    private static func counts(_ router: ConsistentHashRouter) -> [UInt32: Int] {
        var counts: [UInt32: Int] = [:]
        for key in keys { counts[router.route(key) ?? .max, default: 0] += 1 }
        return counts
    }

    @Test(
        "keys are spread by weight, to within a few percent",
        arguments: [[1, 1], [1, 2, 3, 4], [10, 10, 10, 10, 10]])
    func spread(weights: [Int]) throws {
        let counts = Self.counts(try Self.router(weights))
        let sum = weights.reduce(0, +)
        for (index, weight) in weights.enumerated() {
            let expected = Double(Self.keys.count * weight) / Double(sum)
            let share = Double(counts[UInt32(index), default: 0]) / expected
            #expect((0.94...1.06).contains(share), "queue \(index) has \(share) of its share")
        }
    }

    @Test("a queue that comes takes its share from the others, and gives it back when it goes")
    func movement() throws {
        let router = try Self.router([5, 5, 5, 5])
        let before = Self.keys.map { router.route($0) }
        try router.bind("5", to: 9, named: "qnew")
        let after = Self.keys.map { router.route($0) }
        let moved = zip(before, after).filter { $0 != $1 }
        #expect(moved.allSatisfy { $0.1 == 9 }, "a key moved between queues that stayed")
        let share = Double(moved.count) / Double(Self.keys.count)
        #expect((0.18...0.22).contains(share), "\(share) of the keys moved")
        router.unbind("5", from: 9)
        #expect(Self.keys.map { router.route($0) } == before)
    }

    @Test("where a key goes depends on what is bound, not on the order or the numbers")
    func orderOfBinding() throws {
        let names = (0..<6).map { "qqueue-\($0)" }
        let first = try Self.router([1, 2, 3, 4, 5, 6])
        let second = ConsistentHashRouter(hashing: .routingKey)
        for index in [3, 0, 5] { try second.bind("\(index + 1)", to: UInt32(20 - index), named: names[index]) }
        try second.bind("7", to: 99, named: "qgone")
        for index in [4, 1, 2] { try second.bind("\(index + 1)", to: UInt32(20 - index), named: names[index]) }
        second.unbind("7", from: 99)
        for key in Self.keys.prefix(5000) {
            #expect(first.route(key) == second.route(key).map { 20 - $0 })
        }
    }

    @Test("the hash is the same in every version")
    func goldenValues() throws {
        let router = try Self.router([1, 1, 1, 1, 1, 1, 1])
        #expect(["", "a", "orders", "a longer routing key"].map { router.route($0) } == [4, 6, 1, 5])
    }

    @Test("a queue that is bound twice has the sum of the weights")
    func boundTwice() throws {
        let once = try Self.router([3, 2])
        let twice = try Self.router([1, 2])
        try twice.bind("2", to: 0, named: "qqueue-0")
        #expect(Self.keys.map { once.route($0) } == Self.keys.map { twice.route($0) })
        twice.unbind("1", from: 0)
        let less = try Self.router([2, 2])
        #expect(Self.keys.map { less.route($0) } == Self.keys.map { twice.route($0) })
        twice.unbind("2", from: 0)
        #expect(twice.route("a") == 1)
        twice.unbind("2", from: 1)
        #expect(twice.route("a") == nil)
    }

    @Test("a header or a property decides if the exchange says so")
    func hashedParts() throws {
        let parts: [(FieldTable, (String) -> BasicProperties)] = [
            (["hash-header": .string("customer")], { BasicProperties(headers: ["customer": .string($0)]) }),
            (["hash-property": .string("message_id")], { BasicProperties(messageID: $0) }),
            (["hash-property": .string("correlation_id")], { BasicProperties(correlationID: $0) }),
            (["hash-property": .string("timestamp")], { BasicProperties(timestamp: UInt64($0.dropFirst(6))) }),
        ]
        for (arguments, properties) in parts {
            let router = try Self.router([1, 1, 1, 1], arguments)
            let routes = Self.keys.prefix(400).map { router.route("same", properties($0)) }
            #expect(Set(routes).count == 4, "\(arguments)")
            let again = Self.keys.prefix(400).map { router.route("another", properties($0)) }
            #expect(again == routes, "\(arguments)")
            #expect(Set(Self.keys.prefix(10).map { router.route($0) }).count == 1, "all without one go to one queue")
        }
        let router = try Self.router([1, 1, 1, 1], ["hash-header": .string("n")])
        for number in 0..<100 {
            let narrow = router.route("", BasicProperties(headers: ["n": .int8(Int8(number))]))
            #expect(narrow == router.route("", BasicProperties(headers: ["n": .int64(Int64(number))])))
        }
    }

    @Test(
        "weights that can't be are refused",
        arguments: [
            ("", "must be an integer"), ("heavy", "must be an integer: <<\"heavy\">>"), ("1.5", "must be an integer"),
            ("0", "must be greater than 0"), ("-3", "must be greater than 0"), ("10001", "must not exceed 10000"),
        ])
    func badWeights(key: String, text: String) throws {
        let router = try Self.router([1])
        let error = #expect(throws: AMQPException.self) { try router.bind(key, to: 5, named: "q") }
        #expect(error?.code == .preconditionFailed)
        #expect(error?.detail.contains(text) == true, "\(error?.detail ?? "")")
        #expect(router.route("a") == 0)
    }

    @Test(
        "arguments that can't be are refused",
        arguments: [
            (["hash-header": .string("a"), "hash-property": .string("message_id")], "mutually exclusive"),
            (["hash-property": .string("app_id")], "Unsupported property: app_id"),
            (["hash-header": .int32(1)], "invalid type 'signedint' for arg 'hash-header'"),
        ] as [(FieldTable, String)])
    func badArguments(arguments: FieldTable, text: String) {
        let error = #expect(throws: AMQPException.self) { try HashedPart(arguments) }
        #expect(error?.code == .preconditionFailed)
        #expect(error?.detail.contains(text) == true, "\(error?.detail ?? "")")
    }
}
