import Broker
import BrokerServer
import TestServers
import Testing

/// Answers that take the core more than a turn.
@Suite(.timeLimit(.minutes(1))) struct BrokerAnswerTests {
    private struct Refusal: Error {}

    @Test("the first answer counts, and errors come through")
    func answers() async throws {
        try await TestServer.with { server in
            let value: Int = try await server.askBroker { _, answer in
                answer.succeed(1)
                answer.fail(Refusal())
            }
            #expect(value == 1)
            await #expect(throws: Refusal.self) {
                try await server.askBroker { (_, _: BrokerAnswer<Int>) in throw Refusal() }
            }
            await #expect(throws: Refusal.self) {
                try await server.askBroker { (_, answer: BrokerAnswer<Int>) in answer.fail(Refusal()) }
            }
        }
    }

    @Test("who waits when the core closes is told that the server does not run")
    func closed() async throws {
        let waiting = try await TestServer.with { server in
            let (begun, begin) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                try await server.askBroker { (_, _: BrokerAnswer<Int>) in begin.finish() }
            }
            for await _ in begun {}
            return task
        }
        await #expect(throws: ServerNotRunning.self) { try await waiting.value }
    }
}
