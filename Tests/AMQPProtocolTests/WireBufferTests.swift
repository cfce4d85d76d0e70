import AMQPProtocol
import SeededRandom
import TestSeeds
import Testing

@Suite struct WireBufferTests {
    @Test func growsAndKeepsWhatIsThere() {
        var random = SeededGenerator()
        var expected: [UInt8] = []
        let written = encoded { buffer in
            for _ in 0..<200 {
                let piece = random.bytes(countMax: 100)
                expected += piece
                buffer.append(piece)
            }
        }
        #expect(written == expected)
    }

    @Test func dropsFromBothEnds() {
        let left = encoded { buffer in
            buffer.append([1, 2, 3, 4, 5] as [UInt8])
            buffer.removeFirst(2)
            buffer.truncate(to: 2)
            buffer.append(9 as UInt8)
        }
        #expect(left == [3, 4, 9])
    }

    @Test func clearGivesBackWhatABurstTook() {
        var buffer = WireBuffer(capacity: 16)
        buffer.append([UInt8](repeating: 1, count: 5000))
        buffer.clear(retainedBytesMax: 64)
        let isEmptyAfterClear = buffer.isEmpty
        #expect(isEmptyAfterClear)
        buffer.append([UInt8](repeating: 2, count: 100))
        let content = [UInt8](buffer.bytes)
        #expect(content == [UInt8](repeating: 2, count: 100))
    }

    @Test func longTextsAreCutAtACharacter() {
        let text = String(repeating: "a", count: 253) + "€uro"
        let cut = encoded { $0.appendShortString(text) }
        #expect(cut == [253] + Array(repeating: UInt8(ascii: "a"), count: 253))
        let fits = String(repeating: "a", count: 252) + "€"
        #expect(encoded { $0.appendShortString(fits + "uro") } == [255] + Array(fits.utf8))
        // A family is one character of 25 bytes: all of it goes.
        let family = "👨‍👩‍👧‍👦"
        #expect(encoded { $0.appendShortString(String(repeating: family, count: 11)) }.count == 1 + 250)
    }

    @Test func patchesAreBigEndian() {
        let bytes = encoded { buffer in
            buffer.append(0 as UInt64)
            buffer.patch(0x0102_0304, at: 2)
        }
        #expect(bytes == [0, 0, 1, 2, 3, 4, 0, 0])
    }
}
