/// Routing keys in a row, each behind its length in one octet: those of a `BCC` header, which a stored message keeps apart
/// from what consumers get.
enum RoutingKeyList {
    static func encode(_ keys: [[UInt8]]) -> [UInt8] {
        keys.flatMap { [UInt8(truncatingIfNeeded: $0.count)] + $0.prefix(255) }
    }

    static func decode(_ bytes: UnsafeRawBufferPointer) -> [[UInt8]] {
        var keys: [[UInt8]] = []
        var offset = 0
        while offset < bytes.count {
            let end = offset + 1 + Int(bytes[offset])
            guard end <= bytes.count else { return keys }
            keys.append(Array(bytes[offset + 1..<end]))
            offset = end
        }
        return keys
    }
}
