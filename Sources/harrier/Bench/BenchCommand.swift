import ArgumentParser
import HarrierClient
import LoadGenerator
import NIOCore
import UnixSignals

/// `harrier bench`: puts load on a broker and measures what it does with it.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Put load on a broker, and measure it; or two brokers, in alternation.",
        discussion: """
            Works with any AMQP 0-9-1 broker. Every producer and every consumer is a connection with one channel. Ends after \
            --seconds or --count, or on Ctrl-C, with what was measured so far.

            harrier bench --size 16 --fresh
            harrier bench --size 1KiB --persistent --confirms 1000 --ack 100 --prefetch 1000 --rate 5000
            harrier bench --exchange logs --exchange-type fanout --queues 10 --consumers 10 --output json
            harrier bench --against amqp://other:5672 --rounds 5

            Exit codes: 0 done; 1 the broker failed, or is not there; 2 the options contradict each other; 3 messages were \
            lost, came twice or out of order.
            """
    )

    @OptionGroup
    var broker: BrokerURLOption

    @OptionGroup(title: "Load")
    var load: BenchLoadOptions

    @OptionGroup(title: "Messages")
    var messages: BenchMessageOptions

    @OptionGroup(title: "Queues and exchange")
    var topology: BenchTopologyOptions

    @OptionGroup(title: "What is measured")
    var measuring: BenchMeasuringOptions

    func validate() throws {
        _ = try plan()
    }

    /// What the options ask for.
    func plan() throws -> LoadPlan {
        var plan = LoadPlan()
        load.apply(to: &plan, processors: System.coreCount)
        messages.apply(to: &plan)
        topology.apply(to: &plan, persistent: messages.persistent)
        do {
            try plan.validate()
        } catch {
            throw ValidationError(error.message)
        }
        return plan
    }

    func run() async throws {
        let session = BenchSession(
            plan: try plan(), brokers: try brokers(), rounds: measuring.roundCount,
            report: BenchReport(output: measuring.output, progress: measuring.makeProgressLine()))
        let stop = LoadStop()
        let code = try await withThrowingTaskGroup(of: ExitCode?.self) { group in
            group.addTask {
                var session = session
                return try await session.run(stop)
            }
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { stop.request() }
                return nil
            }
            // The session ends by itself; the other only with it.
            defer { group.cancelAll() }
            return try await group.first { $0 != nil } ?? nil
        }
        if let code, code != .success { throw code }
    }

    private func brokers() throws -> [BenchBroker] {
        var brokers = [try BenchBroker(url: broker.url, option: "--url", processID: measuring.pid)]
        if let against = measuring.against {
            brokers.append(try BenchBroker(url: against, option: "--against", processID: measuring.againstPid))
        }
        return brokers
    }
}
