#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A small generator that gives the same numbers for the same seed (SplitMix64).
struct TraceRandom {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// At least 0, less than 1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    mutating func below(_ end: Int) -> Int { Int(unit() * Double(end)) }

    mutating func exponential(mean: Double) -> Double { -log(1 - unit()) * mean }

    mutating func shuffled(_ range: Range<Int>) -> [Int] {
        var numbers = Array(range)
        for index in numbers.indices.dropFirst() { numbers.swapAt(index, below(index + 1)) }
        return numbers
    }
}
