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

    /// From 0 to below the limit.
    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }

    /// True once in so many times.
    mutating func once(in count: Int) -> Bool { below(count) == 0 }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    mutating func bytes(countMax: Int) -> [UInt8] {
        (0..<below(countMax + 1)).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }
}
