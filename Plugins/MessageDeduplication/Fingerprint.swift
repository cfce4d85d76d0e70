import AMQPProtocol
import Crypto

/// Sixteen bytes that stand for the value of a deduplication header, whatever its size: half of a SHA-256, so that nobody
/// can make two values that are taken for the same.
struct Fingerprint: Hashable {
    static let byteCount = 16

    let high: UInt64
    let low: UInt64

    /// Values are the same as in a headers exchange: integers of any width, float and double, text and bytes.
    ///
    /// - Returns: `nil` for void, which is no value.
    init?(_ value: FieldValueView) {
        guard !value.isVoid else { return nil }
        var hasher = SHA256()
        if let integer = value.integer {
            Self.update(&hasher, "l", UInt64(bitPattern: integer))
        } else if let number = value.floatingPoint {
            Self.update(&hasher, "d", number.bitPattern)
        } else if value.type == UInt8(ascii: "x") {
            Self.update(&hasher, "S", value.bytes)
        } else {
            Self.update(&hasher, Unicode.Scalar(value.type), value.bytes)
        }
        (high, low) = hasher.finalize().withUnsafeBytes { digest in
            (
                UInt64(littleEndian: digest.loadUnaligned(as: UInt64.self)),
                UInt64(littleEndian: digest.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    private static func update(_ hasher: inout SHA256, _ type: Unicode.Scalar, _ number: UInt64) {
        withUnsafeBytes(of: number.littleEndian) { update(&hasher, type, $0) }
    }

    private static func update(_ hasher: inout SHA256, _ type: Unicode.Scalar, _ bytes: UnsafeRawBufferPointer) {
        withUnsafeBytes(of: UInt8(truncatingIfNeeded: type.value)) { hasher.update(bufferPointer: $0) }
        hasher.update(bufferPointer: bytes)
    }
}
