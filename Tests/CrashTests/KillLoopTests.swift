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
            let line = try await loop.runRound(round)
            print("kill \(round) of \(rounds), \(setup.testDescription), seed \(seed): \(line)")
            guard loop.violations.isEmpty else {
                let text = loop.violations.joined(separator: "\n")
                let broker = loop.brokerErrorText.suffix(2_000)
                Issue.record("seed \(seed), round \(round):\n\(text)\nThe broker said:\n\(broker)")
                return
            }
        }
    }

    private static func setting(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }
}
