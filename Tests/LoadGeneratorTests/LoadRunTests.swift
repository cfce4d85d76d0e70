import AMQPProtocol
import Broker
import BrokerServer
import HarrierClient
import TestServers
import Testing

@testable import LoadGenerator

/// Loads on a real broker: what went in came out.
@Suite(.timeLimit(.minutes(1))) struct LoadRunTests {
    private static func plan(_ count: Int, _ change: (inout LoadPlan) -> Void = { _ in }) -> LoadPlan {
        var plan = LoadPlan()
        plan.messageCount = count
        plan.threads = 2
        // A machine that is busy with other tests loses nothing.
        plan.idleSeconds = 30
        change(&plan)
        return plan
    }

    private static func run(_ plan: LoadPlan, against server: BrokerServer) async throws -> LoadResult {
        let result = try await LoadRun(plan, against: configuration(server)).run()
        #expect(result.failure == nil)
        #expect(result.isSound)
        return result
    }

    private static func configuration(_ server: BrokerServer) -> ConnectionConfiguration {
        ConnectionConfiguration(host: "127.0.0.1", port: server.amqpPort)
    }

    private static func hasQueue(_ name: String, _ server: BrokerServer) async throws -> Bool {
        try await server.withBroker { $0.virtualHosts["/"]?.queue(named: name) != nil }
    }

    @Test func allThatIsPublishedIsDelivered() async throws {
        try await TestServer.with { server in
            let result = try await Self.run(Self.plan(20_000) { $0.bodySizes = [16] }, against: server)
            #expect(result.published == 20_000)
            #expect(result.delivered == 20_000)
            #expect(result.confirmed == 0)
            #expect(result.foreign == 0)
            #expect(result.latency?.count == 20_000)
            #expect(result.confirmLatency == nil)
            #expect(try await !Self.hasQueue("harrier-bench-0", server))
        }
    }

    @Test func confirmsAcksAndPrefetch() async throws {
        try await TestServer.with { server in
            let plan = Self.plan(5_000) {
                $0.properties.deliveryMode = 2
                $0.areQueuesDurable = true
                ($0.confirmWindow, $0.acknowledgement, $0.prefetch) = (64, .manual(every: 100), 30)
            }
            let result = try await Self.run(plan, against: server)
            #expect(result.published == 5_000)
            #expect(result.confirmed == 5_000)
            #expect(result.delivered == 5_000)
            #expect(result.redelivered == 0)
            #expect(result.confirmLatency?.count == 5_000)
        }
    }

    @Test("several producers, consumers and queues, and bodies of all sizes", arguments: ["", "direct", "topic"])
    func manyOfAll(exchangeType: String) async throws {
        try await TestServer.with { server in
            let plan = Self.plan(1_001) {
                ($0.producers, $0.consumers, $0.queues) = (3, 2, 5)
                $0.bodySizes = [0, 7, 8, 15, 16, 5_000, 300_000]
                ($0.acknowledgement, $0.confirmWindow) = (.manual(every: 10), 100)
                if !exchangeType.isEmpty { ($0.exchange, $0.exchangeType) = ("bench", exchangeType) }
            }
            let result = try await Self.run(plan, against: server)
            #expect(result.published == 1_001)
            #expect(result.delivered == 1_001)
            #expect(result.confirmed == 1_001)
        }
    }

    @Test("each queue gets a copy", arguments: ["fanout", "headers"])
    func copies(exchangeType: String) async throws {
        try await TestServer.with { server in
            let plan = Self.plan(1_000) {
                ($0.consumers, $0.queues, $0.exchange, $0.exchangeType) = (3, 3, "bench", exchangeType)
                $0.properties.headers = ["region": .string("eu")]
            }
            let result = try await Self.run(plan, against: server)
            #expect(result.published == 1_000)
            #expect(result.delivered == 3_000)
            let left = try await server.withBroker { $0.virtualHosts["/"]?.exchange(named: "bench") != nil }
            #expect(!left)
        }
    }

    @Test func aBacklogAndItsDrain() async throws {
        try await TestServer.with { server in
            let filled = try await Self.run(
                Self.plan(3_000) { ($0.consumers, $0.keepsTopology) = (0, true) }, against: server)
            #expect(filled.published == 3_000)
            #expect(filled.queueDepth == 3_000)
            let drain = Self.plan(3_000) {
                $0.producers = 0
                ($0.acknowledgement, $0.prefetch) = (.manual(every: 50), 200)
            }
            let drained = try await Self.run(drain, against: server)
            #expect(drained.delivered == 3_000)
            #expect(drained.messagesFound == 3_000)
            // Who has not declared it does not delete it.
            #expect(try await Self.hasQueue("harrier-bench-0", server))
            let fresh = try await Self.run(Self.plan(10) { $0.startsFresh = true }, against: server)
            #expect(fresh.delivered == 10)
            #expect(fresh.messagesFound == 0)
            #expect(try await !Self.hasQueue("harrier-bench-0", server))
        }
    }

    @Test func whatWasThereBeforeIsForeignAndStays() async throws {
        try await TestServer.with { server in
            _ = try await Self.run(Self.plan(50) { ($0.consumers, $0.keepsTopology) = (0, true) }, against: server)
            let result = try await Self.run(Self.plan(100), against: server)
            #expect(result.foreign == 50)
            #expect(result.delivered == 150)
            #expect(result.latency?.count == 100)
            #expect(try await Self.hasQueue("harrier-bench-0", server))
        }
    }

    @Test func whatNoQueueTakesComesBack() async throws {
        try await TestServer.with { server in
            let plan = Self.plan(500) {
                ($0.isMandatory, $0.confirmWindow, $0.routingKey) = (true, 50, "nobody")
                $0.bodySizes = [0, 20]
            }
            let result = try await Self.run(plan, against: server)
            #expect(result.returned == 500)
            #expect(result.confirmed == 500)
            #expect(result.delivered == 0)
        }
    }

    @Test func aRateIsKeptAndItsLagIsTold() async throws {
        try await TestServer.with { server in
            let plan = Self.plan(400) { ($0.producers, $0.producerRate, $0.consumerRate) = (2, 20_000, 20_000) }
            let result = try await Self.run(plan, against: server)
            #expect(result.delivered == 400)
            #expect(result.lateMicrosecondsMax != nil)
            // The last message is due after 199 intervals of 50 µs.
            #expect(result.seconds >= 0.00995)
        }
    }

    @Test func aRunThatIsStoppedTellsWhatItHas() async throws {
        try await TestServer.with { server in
            let stop = LoadStop()
            stop.request()
            let plan = Self.plan(1) { ($0.messageCount, $0.seconds, $0.confirmWindow) = (nil, 600, 100) }
            let result = try await LoadRun(plan, against: Self.configuration(server), stop: stop).run()
            #expect(result.wasStopped)
            #expect(result.failure == nil)
            #expect(result.published == result.confirmed)
            #expect(result.published == result.delivered)
        }
    }

    @Test func aChannelThatTheBrokerClosesEndsTheRun() async throws {
        try await TestServer.with { server in
            let plan = Self.plan(10) { $0.exchange = "nowhere" }
            let result = try await LoadRun(plan, against: Self.configuration(server)).run()
            #expect(result.failure?.message.contains("NOT_FOUND - no exchange 'nowhere'") == true)
            #expect(try await !Self.hasQueue("harrier-bench-0", server))
        }
    }

    @Test func whatCannotBeginIsAnError() async throws {
        try await TestServer.with { server in
            var configuration = Self.configuration(server)
            configuration.password = "secret-word"
            await Self.expectFailure(configuration, holding: "ACCESS_REFUSED")
            var plan = Self.plan(1)
            plan.brokerProcessID = -5
            await #expect(throws: LoadError.self) { try await LoadRun(plan, against: Self.configuration(server)).run() }
        }
        // A port that a server of this test has left might be another test's by now; nobody listens on this one.
        await Self.expectFailure(ConnectionConfiguration(host: "127.0.0.1", port: 1), holding: "127.0.0.1:1")
    }

    private static func expectFailure(_ configuration: ConnectionConfiguration, holding text: String) async {
        let error = await #expect(throws: LoadError.self) {
            try await LoadRun(Self.plan(1), against: configuration).run()
        }
        #expect(error?.kind == .broker)
        #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("secret-word") == false)
    }
}
