import Testing

@testable import RandomExchange

@Suite struct RandomTests {
    private static func router(seed: UInt64, _ destinations: [UInt32]) throws -> RandomRouter {
        let router = RandomRouter(seed: seed)
        for destination in destinations { try router.bind("k", to: destination, named: "q\(destination)") }
        return router
    }

    @Test("every binding is as likely as the others")
    func uniform() throws {
        let router = try Self.router(seed: 7, [1, 2, 3, 4, 4])
        var counts: [UInt32: Int] = [:]
        for _ in 0..<50_000 { counts[router.route("any") ?? 0, default: 0] += 1 }
        for destination in 1...3 as ClosedRange<UInt32> {
            #expect((9_500...10_500).contains(counts[destination] ?? 0), "\(counts)")
        }
        #expect((19_300...20_700).contains(counts[4] ?? 0), "\(counts)")
    }

    @Test("the seed decides")
    func seeded() throws {
        let routers = try [1, 1, 2].map { try Self.router(seed: $0, [1, 2, 3]) }
        let choices = routers.map { router in (0..<64).map { _ in router.route("") } }
        #expect(choices[0] == choices[1])
        #expect(choices[0] != choices[2])
    }

    @Test("only what is bound is chosen, and nothing if nothing is")
    func unbinding() throws {
        let router = try Self.router(seed: 3, [1, 2, 3])
        router.unbind("k", from: 1)
        let chosen = Set((0..<200).map { _ in router.route("") })
        #expect(chosen == [2, 3])
        router.unbind("k", from: 3)
        router.unbind("k", from: 2)
        #expect(router.route("") == nil)
    }
}
