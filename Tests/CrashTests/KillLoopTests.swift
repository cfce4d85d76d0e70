import Foundation
import Testing

/// One after the other: a loop is load enough for everything that runs beside it.
@Suite(.serialized) struct KillLoopTests {
    /// How the broker is set up for a loop, and for how many rounds.
    struct Setup: CustomTestStringConvertible {
        let testDescription: String
        let options: [String]
        var losesSideFiles = false
        /// Without `HARRIER_CRASH_ROUNDS`.
        let rounds: Int
    }

    static let setups = [
        Setup(testDescription: "as it comes", options: [], rounds: 60),
        // Segments this small are emptied, moved from and deleted all the time, and little of what is read is cached.
        Setup(
            testDescription: "small segments", options: ["--segment-size", "2MiB", "--page-cache", "16MiB"], rounds: 70),
        Setup(
            testDescription: "side files lost", options: ["--segment-size", "2MiB", "--page-cache", "16MiB"],
            losesSideFiles: true, rounds: 60),
        // What the operating system has survives the process, synced or not.
        Setup(testDescription: "--sync none", options: ["--sync", "none"], rounds: 5),
        Setup(testDescription: "--sync interval", options: ["--sync", "interval"], rounds: 5),
    ]

    /// `HARRIER_CRASH_ROUNDS` and `HARRIER_CRASH_SEED` set how long and which. The seed sets what the clients do and
    /// what they are interrupted by; how far the broker has come by then is different each time.
    @Test("what was confirmed survives SIGKILL at any moment, once, whole and in order", arguments: setups)
    func killsUnderLoad(setup: Setup) async throws {
        let seed = Self.setting("HARRIER_CRASH_SEED") ?? UInt64.random(in: 0..<1 << 32)
        let rounds = Self.setting("HARRIER_CRASH_ROUNDS").map { Int($0) } ?? setup.rounds
        var loop = try await KillLoop(seed: seed, options: setup.options, losesSideFiles: setup.losesSideFiles)
        for round in 1...rounds {
            do {
                let line = try await loop.runRound(round)
                print("kill \(round) of \(rounds), \(setup.testDescription), seed \(seed): \(line)")
                guard !loop.violations.isEmpty else { continue }
            } catch {
                loop.violations.append("\(error)")
            }
            let text = loop.violations.joined(separator: "\n")
            let broker = Self.lastWords(loop.brokerErrorText)
            Issue.record("seed \(seed), round \(round):\n\(text)\nThe broker said:\n\(broker)")
            return
        }
    }

    /// What a process that stopped itself wrote about it, or else its newest log lines.
    private static func lastWords(_ text: String) -> Substring {
        guard let crash = text.range(of: "Fatal error") ?? text.range(of: " crashed:\n") else {
            return text.suffix(4_000)
        }
        return text[crash.lowerBound...].prefix(4_000)
    }

    private static func setting(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }
}
