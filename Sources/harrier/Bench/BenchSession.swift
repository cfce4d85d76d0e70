import ArgumentParser
import HarrierClient
import LoadGenerator

/// One run, or rounds of runs against two brokers.
struct BenchSession: Sendable {
    let plan: LoadPlan
    let brokers: [BenchBroker]
    /// Of each broker, if there are two.
    let rounds: Int
    var report: BenchReport

    /// Returns what the command ends with.
    mutating func run(_ stop: LoadStop) async throws -> ExitCode {
        guard brokers.count == 2 else {
            guard let result = try await run(brokers[0], title: "", stop) else { return .failure }
            report.single(result, of: brokers[0])
            return exitCode([result])
        }
        var comparison = LoadComparison()
        var loose: [LoadResult] = []
        for round in 1...rounds where !stop.isRequested && loose.isEmpty {
            var results: [LoadResult] = []
            for (index, broker) in brokers.enumerated() where !stop.isRequested {
                let letter = BenchReport.letters[index]
                guard let result = try await run(broker, title: "\(letter) \(round)/\(rounds)  ", stop) else {
                    return .failure
                }
                report.round(round, letter: letter, result, of: broker)
                results.append(result)
                if result.failure != nil { break }
            }
            if results.count == 2, results.allSatisfy({ $0.failure == nil && !$0.wasStopped }) {
                comparison.add(results[0], results[1])
            } else {
                loose = results
            }
        }
        report.comparison(comparison, of: brokers)
        return exitCode(comparison.first + comparison.second + loose)
    }

    /// `nil` if it could not begin; what there is to say has been said.
    private func run(_ broker: BenchBroker, title: String, _ stop: LoadStop) async throws -> LoadResult? {
        var plan = plan
        plan.brokerProcessID = broker.processID
        let report = report
        let run = LoadRun(plan, against: broker.configuration, stop: stop) { report.progress($0, of: title) }
        do throws(LoadError) {
            let result = try await run.run()
            report.progressEnded()
            tell(result, plan, of: broker)
            return result
        } catch {
            report.progressEnded()
            if error.kind == .plan { throw ValidationError(error.message) }
            StandardStream.error.writeLine("harrier bench: \(broker.name): \(error)")
            return nil
        }
    }

    /// What people ought to know before they read the numbers.
    private func tell(_ result: LoadResult, _ plan: LoadPlan, of broker: BenchBroker) {
        var lines: [String] = []
        if plan.producers > 0, result.messagesFound > 0 {
            lines.append("the queues held \(result.messagesFound) messages already (--fresh deletes them)")
        }
        if plan.consumers > 0, plan.bodySizes.contains(where: { $0 < 8 }), plan.producers > 0 {
            lines.append("bodies of less than 8 bytes hold no time: their latency is not measured")
        }
        if result.clientBusiestThread > 0.9 {
            lines.append("a thread of this tool was busy all the time: the broker may be faster than what was measured")
        }
        if result.missing > 0 {
            lines.append("\(result.missing) deliveries did not come within \(plan.idleSeconds) s of the last")
        }
        if result.orderErrors > 0 { lines.append("\(result.orderErrors) deliveries came twice or out of order") }
        if result.wasStopped { lines.append("stopped before its end") }
        if let failure = result.failure { lines.append("\(failure)") }
        for line in lines { StandardStream.error.writeLine("harrier bench: \(broker.name): \(line)") }
    }

    private func exitCode(_ results: [LoadResult]) -> ExitCode {
        if results.contains(where: { $0.failure != nil }) { return .failure }
        // Partly done: a part of the messages did not come as it ought to.
        return results.allSatisfy { $0.isSound || $0.wasStopped } ? .success : ExitCode(3)
    }
}
