import SeededRandom

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What traces are drawn from: the same for the same seed.
struct TraceRandom {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func next() -> UInt64 { generator.next() }

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
