import CChecksum
import SeededRandom
import Testing

@Suite struct ChecksumTests {
    private func both(_ bytes: [UInt8]) -> [UInt32] {
        bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return [0, 0] }
            return [harrier_crc32c(0, start, buffer.count), harrier_crc32c_table(0, start, buffer.count)]
        }
    }

    /// The examples of RFC 3720, section B.4, and the usual check value.
    @Test func knownValues() {
        #expect(both([UInt8](repeating: 0, count: 32)) == [0x8A91_36AA, 0x8A91_36AA])
        #expect(both([UInt8](repeating: 0xFF, count: 32)) == [0x62A8_AB43, 0x62A8_AB43])
        #expect(both([UInt8](0..<32)) == [0x46DD_794E, 0x46DD_794E])
        #expect(both([UInt8]((0..<32).reversed())) == [0x113F_DB5C, 0x113F_DB5C])
        let readCommand: [UInt8] =
            [0x01, 0xC0, 0, 0] + [UInt8](repeating: 0, count: 12)
            + [0x14, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0x14, 0, 0, 0, 0x18]
            + [0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0]
        #expect(both(readCommand) == [0xD996_3A56, 0xD996_3A56])
        #expect(both(Array("123456789".utf8)) == [0xE306_9283, 0xE306_9283])
    }

    /// Every length around the lanes of the fast path, at every alignment, in one go and in two.
    @Test(arguments: [UInt64](1...4)) func hardwareAgreesWithTheTable(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let bytes = (0..<2400).map { _ in UInt8.random(in: 0...255, using: &generator) }
        try bytes.withUnsafeBytes { buffer in
            let base = try #require(buffer.baseAddress)
            for length in 0..<1600 {
                let start = base + Int.random(in: 0..<16, using: &generator)
                let initial = UInt32.random(in: 0 ... .max, using: &generator)
                let expected = harrier_crc32c_table(initial, start, length)
                #expect(harrier_crc32c(initial, start, length) == expected, "seed \(seed) length \(length)")
                let cut = Int.random(in: 0...length, using: &generator)
                let halves = harrier_crc32c(harrier_crc32c(initial, start, cut), start + cut, length - cut)
                #expect(halves == expected, "seed \(seed) length \(length) cut at \(cut)")
            }
        }
    }
}
