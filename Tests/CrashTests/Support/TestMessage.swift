import Foundation
import SeededRandom

/// The messages of these tests: the number of who sent it, a number of its own, and filler that follows from both, so
/// that bytes of another message would be noticed.
enum TestMessage {
    static let byteCountMin = 16

    /// Numbers of one sender never come back in a test.
    static func id(sender: UInt64, number: UInt64) -> UInt64 { sender << 40 | number }
    static func sender(of id: UInt64) -> UInt64 { id >> 40 }
    static func number(of id: UInt64) -> UInt64 { id & (1 << 40 - 1) }
    static func text(of id: UInt64) -> String { "\(sender(of: id))/\(number(of: id))" }

    /// The last byte is never 0.
    static func body(id: UInt64, byteCount: Int) -> [UInt8] {
        precondition(byteCount >= byteCountMin)
        return [UInt8](unsafeUninitializedCapacity: byteCount) { bytes, count in
            let memory = UnsafeMutableRawBufferPointer(bytes)
            if let start = memory.baseAddress { memset(start, Int32(filler(id)), byteCount) }
            memory.storeBytes(of: id, as: UInt64.self)
            memory.storeBytes(of: UInt64(byteCount).bigEndian, toByteOffset: 8, as: UInt64.self)
            memory[byteCount - 1] |= 1
            count = byteCount
        }
    }

    /// The id, if the body is as it was sent.
    static func id(ofBody body: [UInt8]) -> UInt64? {
        guard body.count >= byteCountMin else { return nil }
        let id = body.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        let sent = Self.body(id: id, byteCount: body.count)
        // As `==`, and far faster in a debug build.
        return memcmp(body, sent, body.count) == 0 ? id : nil
    }

    /// Mostly small, now and then one that takes several frames and pages.
    static func byteCount(_ random: inout SeededGenerator) -> Int {
        switch random.next(upTo: 100) {
        case 0..<65: 16 + random.next(upTo: 200)
        case 65..<88: 200 + random.next(upTo: 2_000)
        case 88..<99: 2_000 + random.next(upTo: 14_000)
        default: 16_000 + random.next(upTo: 400_000)
        }
    }

    private static func filler(_ id: UInt64) -> UInt8 {
        UInt8(truncatingIfNeeded: (id &* 0x9E37_79B9_7F4A_7C15) >> 56) | 1
    }
}
