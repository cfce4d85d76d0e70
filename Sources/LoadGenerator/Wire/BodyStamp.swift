/// What a body begins with, if it is long enough: when it was published, and its number. In this machine's byte order,
/// since the time counts from this machine's start.
struct BodyStamp {
    static let timeBytes = 8
    static let bytes = 16

    /// Of 64 bits: 12 say which producer, 12 which run, the others count.
    private static let sequenceBits = 40
    private static let runBits = 12

    let number: UInt64

    @inline(__always)
    init(number: UInt64) {
        self.number = number
    }

    /// The number before a producer's first message.
    init(producer: Int, run: UInt64) {
        number =
            UInt64(producer) << UInt64(Self.sequenceBits + Self.runBits) | Self.runMask(run)
            << UInt64(Self.sequenceBits)
    }

    @inline(__always)
    var producer: Int { Int(number >> UInt64(Self.sequenceBits + Self.runBits)) }

    @inline(__always)
    func isOfRun(_ run: UInt64) -> Bool {
        (number >> UInt64(Self.sequenceBits)) & ((1 << UInt64(Self.runBits)) - 1) == run
    }

    /// As many bits as a body has for the run.
    static func runMask(_ run: UInt64) -> UInt64 { run & ((1 << UInt64(runBits)) - 1) }
}
