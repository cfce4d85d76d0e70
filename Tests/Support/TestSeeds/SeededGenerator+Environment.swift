import Foundation
import SeededRandom

extension SeededGenerator {
    /// Prints its seed, so that a failure can be run again with `HARRIER_TEST_SEED=<seed> swift test`.
    public init(_ test: String = #function) {
        let wanted = ProcessInfo.processInfo.environment["HARRIER_TEST_SEED"].flatMap { UInt64($0) }
        let seed = wanted ?? UInt64.random(in: .min ... .max)
        print("\(test): HARRIER_TEST_SEED=\(seed)")
        self.init(seed: seed)
    }
}
