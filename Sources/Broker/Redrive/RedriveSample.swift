/// Some messages by chance, which are the same whenever it is asked with the same seed: each message has a rank that its number in the
/// queue and the seed give it, and those with the lowest ranks are taken.
public struct RedriveSample: Sendable, Equatable {
    /// Messages that a sample may have: a plan keeps a number of eight bytes for each while it is made.
    public static let messagesMax = 1_000_000
    /// Of seeds that are made up: JSON readers that know doubles alone keep it.
    static let seedMax: UInt64 = 1 << 53 - 1

    public let seed: UInt64
    /// The highest rank that is taken.
    let rankMax: UInt64

    func contains(_ sequence: UInt64) -> Bool { Self.rank(of: sequence, seed: seed) <= rankMax }

    /// No two messages of a queue have the same (SplitMix64's last steps, each of which can be taken back).
    static func rank(of sequence: UInt64, seed: UInt64) -> UInt64 {
        var rank = sequence &+ (seed &+ 1) &* 0x9e37_79b9_7f4a_7c15
        rank = (rank ^ rank >> 30) &* 0xbf58_476d_1ce4_e5b9
        rank = (rank ^ rank >> 27) &* 0x94d0_49bb_1331_11eb
        return rank ^ rank >> 31
    }
}
