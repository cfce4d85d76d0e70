import Foundation
import Testing

@Suite struct KillLoopTests {
    /// `HARRIER_CRASH_ROUNDS` and `HARRIER_CRASH_SEED` set how long and which. The seed sets what the clients do and
    /// what they are interrupted by; how far the broker has come by then is different each time.
    @Test("what was confirmed survives SIGKILL at any moment, once, whole and in order")
    func killsUnderLoad() async throws {
        let environment = ProcessInfo.processInfo.environment
        let rounds = environment["HARRIER_CRASH_ROUNDS"].flatMap { Int($0) } ?? 20
        let seed = environment["HARRIER_CRASH_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0..<1 << 32)
        var loop = try KillLoop(seed: seed)
        for round in 1...rounds {
            let line = try await loop.runRound(round)
            print("kill \(round) of \(rounds), seed \(seed): \(line)")
            guard loop.violations.isEmpty else {
                let text = loop.violations.joined(separator: "\n")
                Issue.record("seed \(seed), round \(round):\n\(text)\nThe broker said:\n\(loop.brokerErrorText)")
                return
            }
        }
    }
}
