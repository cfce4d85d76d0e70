import AMQPProtocol
import Routing
import SeededRandom
import TestSeeds
import Testing

struct HeadersRouterTests {
    @Test func allNeedsEveryHeaderAndAnyOne() throws {
        let router = HeadersRouter()
        let fields: FieldTable = ["kind": .string("order"), "country": .string("de")]
        try router.bind("", fields, to: 0)
        for (destination, match) in [(1, "all"), (2, "any")] as [(UInt32, String)] {
            var arguments = fields
            arguments["x-match"] = .string(match)
            try router.bind("", arguments, to: destination)
        }
        #expect(router.route("", ["kind": .string("order"), "country": .string("de")]) == [0, 1, 2])
        #expect(router.route("", ["country": .string("de"), "more": .void, "kind": .string("order")]) == [0, 1, 2])
        #expect(router.route("", ["kind": .string("order"), "country": .string("fr")]) == [2])
        #expect(router.route("", ["country": .string("de")]) == [2])
        #expect(router.route("", ["kind": .string("order ")]) == [])
        #expect(router.route("", [:]) == [])
        #expect(router.route("", nil) == [])
    }

    /// The key of the binding and of the message say nothing.
    @Test func keysAreIgnored() throws {
        let router = HeadersRouter()
        try router.bind("a", ["n": .int32(1)], to: 1)
        try router.bind("b", ["n": .int32(1)], to: 1)
        #expect(router.route("c", ["n": .int32(1)]) == [1])
        router.unbind("a", ["n": .int32(1)], from: 1)
        #expect(router.route("c", ["n": .int32(1)]) == [1])
        router.unbind("b", ["n": .int32(1)], from: 1)
        #expect(router.route("c", ["n": .int32(1)]) == [])
    }

    @Test func namesWithXCountOnlyWhereAskedFor() throws {
        let router = HeadersRouter()
        let fields: FieldTable = ["n": .int32(1), "x-trace": .string("on")]
        for (destination, match) in ["all", "any", "all-with-x", "any-with-x"].enumerated() {
            var arguments = fields
            arguments["x-match"] = .string(match)
            try router.bind("", arguments, to: UInt32(destination))
        }
        #expect(router.route("", ["n": .int32(1)]) == [0, 1, 3])
        #expect(router.route("", ["x-trace": .string("on")]) == [3])
        #expect(router.route("", ["n": .int32(1), "x-trace": .string("on")]) == [0, 1, 2, 3])
        #expect(router.route("", ["x-match": .string("all-with-x")]) == [])
    }

    @Test func withoutHeadersAllMatchesEverythingAndAnyNothing() throws {
        let router = HeadersRouter()
        try router.bind("", [:], to: 0)
        try router.bind("", ["x-match": .string("any")], to: 1)
        try router.bind("", ["x-only": .int8(1)], to: 2)
        try router.bind("", ["x-match": .string("any"), "x-only": .int8(1)], to: 3)
        #expect(router.route("", nil) == [0, 2])
        #expect(router.route("", ["x-only": .int8(1)]) == [0, 2])
        router.unbind("", [:], from: 0)
        router.unbind("", ["x-match": .string("any")], from: 1)
        #expect(router.route("", [:]) == [2])
    }

    @Test func voidAsksForPresence() throws {
        let router = HeadersRouter()
        try router.bind("", ["n": .void], to: 1)
        for value: FieldValue in [
            .int32(5), .string(""), .void, .table([:]), .longString([UInt8](repeating: 0, count: 999)),
        ] {
            #expect(router.route("", ["n": value]) == [1])
        }
        #expect(router.route("", ["m": .void]) == [])
    }

    private static let classes: [[FieldValue]] = [
        [.int8(5), .uint8(5), .int16(5), .uint16(5), .int32(5), .uint32(5), .int64(5)],
        [.int8(-1), .int16(-1), .int32(-1), .int64(-1)],
        [.uint8(255), .int16(255), .int64(255)],
        [.uint32(.max), .int64(0xFFFF_FFFF)],
        [.float(5), .double(5)],
        [.float(0.1), .double(Double(Float(0.1)))],
        [.double(0.1)],
        [.string("5"), .bytes([0x35])],
        [.string(""), .bytes([])],
        [.boolean(true)],
        [.boolean(false)],
        [.timestamp(5)],
        [.decimal(scale: 0, value: 5)],
        [.decimal(scale: 1, value: 50)],
        [.array([.int32(5)])],
        [.array([.int64(5)])],
        [.array([])],
        [.table(["a": .int32(5)])],
        [.table(["a": .int64(5)])],
        [.table([:])],
    ]

    /// Each value bound, each published: those of one class fit each other, and no others.
    @Test func valuesCompareAsInRabbitMQ() throws {
        for (boundClass, bound) in Self.classes.enumerated().flatMap({ index, values in values.map { (index, $0) } }) {
            let router = HeadersRouter()
            try router.bind("", ["n": bound], to: 1)
            for (index, values) in Self.classes.enumerated() {
                for value in values {
                    let expected: [UInt32] = index == boundClass ? [1] : []
                    #expect(router.route("", ["n": value]) == expected, "bound \(bound), published \(value)")
                }
            }
        }
    }

    @Test func aNameThatStandsTwiceCountsAsItsFirstValue() throws {
        let router = HeadersRouter()
        try router.bind("", ["n": .int32(1)], to: 1)
        let twice = FieldTable([.init(name: "n", value: .int32(1)), .init(name: "n", value: .int32(2))])
        #expect(router.route("", twice) == [1])
        #expect(router.route("", FieldTable(twice.entries.reversed())) == [])
    }

    private static let refusals: [(FieldValue, String)] = [
        (.string("zz"), "value <<\"zz\">>; expected all, any, all-with-x, or any-with-x"),
        (.string(""), "value <<>>; expected all, any, all-with-x, or any-with-x"),
        (.string("a\"b\\"), "value <<\"a\\\"b\\\\\">>; expected all, any, all-with-x, or any-with-x"),
        (.string("\u{E9}"), "value <<\"\u{E9}\"/utf8>>; expected all, any, all-with-x, or any-with-x"),
        (.longString([1, 255]), "value <<1,255>>; expected all, any, all-with-x, or any-with-x"),
        (.int32(5), "type signedint (value 5); expected longstr"),
        (.boolean(true), "type bool (value true); expected longstr"),
        (.void, "type void (value undefined); expected longstr"),
        (.array([.string("all")]), "type array (value [{longstr,<<\"all\">>}]); expected longstr"),
        (.table(["a": .int8(1)]), "type table (value [{<<\"a\">>,byte,1}]); expected longstr"),
    ]

    @Test func anotherMatchIsRefusedAsRabbitMQDoes() {
        let router = HeadersRouter()
        for (value, text) in Self.refusals {
            let refusal = AMQPException.channel(.preconditionFailed, "Invalid x-match field \(text)")
            #expect(throws: refusal) { try router.validate(arguments: ["x-match": value]) }
            #expect(throws: refusal) { try router.bind("", ["x-match": value], to: 1) }
        }
        #expect(router.route("", [:]) == [])
    }

    private static func randomValue(_ random: inout SeededGenerator) -> FieldValue {
        let number = Int8.random(in: -1...2, using: &random)
        return switch Int.random(in: 0..<10, using: &random) {
        case 0: .int8(number)
        case 1: .int32(Int32(number))
        case 2: .int64(Int64(number))
        case 3: .double(Double(number))
        case 4: .float(Float(number))
        case 5: .boolean(number > 0)
        case 6: .bytes(Array("\(number)".utf8))
        case 7: .void
        case 8: .array([.int8(number)])
        default: .string("\(number)")
        }
    }

    private static func randomTable(_ names: [String], _ random: inout SeededGenerator) -> FieldTable {
        var table = FieldTable()
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            table[random.element(of: names)] = randomValue(&random)
        }
        return table
    }

    @Test func agreesWithANaiveMatcherUnderRandomOperations() throws {
        var random = SeededGenerator()
        let router = HeadersRouter()
        let names = ["a", "b", "c", "d", "x-e"]
        var bindings: Set<NaiveHeadersBinding> = []
        for step in 0..<2_000 {
            var arguments = Self.randomTable(names, &random)
            if !random.oneIn(3) {
                arguments["x-match"] = .string(random.element(of: ["all", "any", "all-with-x", "any-with-x"]))
            }
            let binding = NaiveHeadersBinding(
                arguments: arguments, destination: UInt32.random(in: 0..<100, using: &random))
            // Growing and shrinking phases take turns.
            if step / 200 % 2 == 1, let old = bindings.randomElement(using: &random) {
                bindings.remove(old)
                router.unbind("", old.arguments, from: old.destination)
            } else if bindings.insert(binding).inserted {
                try router.bind("", binding.arguments, to: binding.destination)
            }
            let headers = Self.randomTable(names + ["unbound", "x-match"], &random)
            let expected = Set(bindings.filter { $0.matches(headers) }.map(\.destination)).sorted()
            let routed = router.route("", headers)
            try #require(routed == expected, "step \(step), headers \(headers), \(random)")
        }
    }
}
