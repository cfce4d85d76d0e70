import Foundation

/// SplitMix64 (Steele, Lea and Flood, 2014). Prints its seed, so that a failure can be run again with
/// `HARRIER_TEST_SEED=<seed> swift test`.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(for test: String = #function) {
        let wanted = ProcessInfo.processInfo.environment["HARRIER_TEST_SEED"].flatMap { UInt64($0) }
        let seed = wanted ?? UInt64.random(in: .min ... .max)
        print("\(test): HARRIER_TEST_SEED=\(seed)")
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
