import Foundation
import Testing

@Suite struct KillLoopTests {
    /// `HARRIER_CRASH_ROUNDS` and `HARRIER_CRASH_SEED` set how long and which. The seed sets what the clients do and
    /// what they are interrupted by; how far the broker has come by then is different each time.
    @Test("what was confirmed survives SIGKILL at any moment, once, whole and in order")
    func killsUnderLoad() async throws {
        try await Self.run(rounds: Self.setting("HARRIER_CRASH_ROUNDS").map { Int($0) } ?? 20, sync: "sync")
    }

    /// What the operating system has survives the process, synced or not.
    @Test("with --sync none and interval the same holds for a crash of the process", arguments: ["none", "interval"])
    func killsWithoutSync(sync: String) async throws {
        try await Self.run(rounds: 3, sync: sync)
    }

    private static func setting(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    private static func run(rounds: Int, sync: String) async throws {
        let seed = setting("HARRIER_CRASH_SEED") ?? UInt64.random(in: 0..<1 << 32)
        var loop = try await KillLoop(seed: seed, sync: sync)
        for round in 1...rounds {
            let line = try await loop.runRound(round)
            print("kill \(round) of \(rounds), --sync \(sync), seed \(seed): \(line)")
            guard loop.violations.isEmpty else {
                let text = loop.violations.joined(separator: "\n")
                let broker = loop.brokerErrorText.suffix(2_000)
                Issue.record("seed \(seed), round \(round):\n\(text)\nThe broker said:\n\(broker)")
                return
            }
        }
    }
}
