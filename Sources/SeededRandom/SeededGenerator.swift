/// A counter whose every value is scrambled (SplitMix64, Steele, Lea and Flood, 2014): the same numbers for the same seed, on
/// every machine, and without the system call that the system's generator costs. Good enough to spread messages; anybody
/// can foretell it.
public struct SeededGenerator: RandomNumberGenerator {
    public let seed: UInt64
    @usableFromInline var state: UInt64

    @inlinable
    public init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    @inlinable
    public mutating func next() -> UInt64 {
        // All of this is arithmetic modulo 2^64.
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// From 0 to below the limit, which is above 0.
    @inlinable
    public mutating func next(upTo limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
}
