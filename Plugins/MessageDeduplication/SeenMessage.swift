/// A message that was taken, as far as duplicates of it are concerned.
struct SeenMessage: Equatable {
    let fingerprint: Fingerprint
    /// Grows with every message that is taken.
    let order: UInt64
    /// Milliseconds since 1970; all ones for never.
    let expiresAtMilliseconds: UInt64
    /// The message's number in the queue; 0 for an exchange.
    let sequence: UInt64
    /// Where it stands in the state; `nil` if it stands in memory only.
    var number: UInt64?

    func isExpired(_ nowMilliseconds: UInt64) -> Bool { expiresAtMilliseconds <= nowMilliseconds }

    // MARK: In the state

    // Version 1: u8 version, then as u64, little endian: both halves of the fingerprint, order, expiry, sequence.
    private static let version: UInt8 = 1
    private static let byteCount = 41

    var encoded: [UInt8] {
        var bytes: [UInt8] = [Self.version]
        bytes.reserveCapacity(Self.byteCount)
        for word in [fingerprint.high, fingerprint.low, order, expiresAtMilliseconds, sequence] {
            withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }
}

extension SeenMessage {
    /// - Returns: `nil` for a value of another version.
    init?(decoding bytes: [UInt8], number: UInt64) {
        guard bytes.count == Self.byteCount, bytes[0] == Self.version else { return nil }
        let words = bytes.withUnsafeBytes { bytes in
            (0..<5).map { UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 1 + $0 * 8, as: UInt64.self)) }
        }
        fingerprint = Fingerprint(high: words[0], low: words[1])
        order = words[2]
        expiresAtMilliseconds = words[3]
        sequence = words[4]
        self.number = number
    }
}
