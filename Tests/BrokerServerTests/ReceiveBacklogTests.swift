import SeededRandom
import Testing

@testable import BrokerServer

/// Frames of one length octet and so many octets, in chunks of any size: what the engine sees must be all of them, in
/// order, whatever the cuts and pauses.
@Suite struct ReceiveBacklogTests {
    /// Takes whole frames, as the engine does, and can be told to pause after so many.
    private struct Consumer {
        var frames: [[UInt8]] = []
        var framesToPause = Int.max
        var wantsMore: Bool { framesToPause > 0 }
        var bytesSeen = 0

        mutating func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
            bytesSeen += bytes.count
            var offset = 0
            while wantsMore, offset + 2 <= bytes.count {
                let size = Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
                guard offset + 2 + size <= bytes.count else { break }
                frames.append(Array(bytes[offset + 2..<offset + 2 + size]))
                offset += 2 + size
                framesToPause -= 1
            }
            return offset
        }
    }

    private static func encode(_ frames: [[UInt8]]) -> [UInt8] {
        frames.flatMap { [UInt8($0.count >> 8), UInt8($0.count & 0xff)] + $0 }
    }

    private static func present(_ chunk: [UInt8], _ backlog: inout ReceiveBacklog, _ consumer: inout Consumer) {
        chunk.withUnsafeBytes { bytes in
            var rest = bytes
            if !backlog.isEmpty, consumer.wantsMore {
                // One closure that reads the consumer and one that changes it: through a pointer, as the engine is.
                withUnsafeMutablePointer(to: &consumer) { consumer in
                    rest = backlog.splice(rest, while: { consumer.pointee.wantsMore }) { consumer.pointee.receive($0) }
                }
            }
            if !rest.isEmpty, consumer.wantsMore {
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(consumer.receive(rest)))
            }
            backlog.append(rest)
        }
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func anyCutsAndPausesGiveTheSameFrames(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let frames = (0..<200).map { _ in
            let size = random.next(upTo: 10) == 0 ? random.next(upTo: 20_000) : random.next(upTo: 60)
            return (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        }
        var stream = Self.encode(frames)[...]
        var backlog = ReceiveBacklog()
        var consumer = Consumer()
        while !stream.isEmpty {
            let size = random.next(upTo: 3) == 0 ? random.next(upTo: 5) : random.next(upTo: 9_000)
            if random.next(upTo: 4) == 0 { consumer.framesToPause = random.next(upTo: 4) }
            Self.present(Array(stream.prefix(size + 1)), &backlog, &consumer)
            stream = stream.dropFirst(size + 1)
            if !consumer.wantsMore, random.next(upTo: 2) == 0 {
                consumer.framesToPause = random.next(upTo: 30) + 1
                backlog.present { consumer.receive($0) }
            }
        }
        consumer.framesToPause = .max
        backlog.present { consumer.receive($0) }
        #expect(consumer.frames == frames, "seed \(seed)")
        #expect(backlog.isEmpty, "seed \(seed)")
    }

    @Test func aFrameCutInTwoDoesNotCopyTheBurstBehindIt() {
        let frames = (0..<2_000).map { [UInt8](repeating: UInt8($0 & 0xff), count: 30) }
        let stream = Self.encode(frames)
        var backlog = ReceiveBacklog()
        var consumer = Consumer()
        Self.present(Array(stream.prefix(10)), &backlog, &consumer)
        #expect(backlog.count == 10)
        stream.dropFirst(10).withUnsafeBytes { bytes in
            let rest = backlog.splice(bytes, while: { true }) { consumer.receive($0) }
            #expect(backlog.isEmpty)
            #expect(rest.count > bytes.count - 600, "the burst was copied")
        }
    }

    @Test func aLargeFrameIsNotLookedAtForEveryFewBytes() {
        let frame = [UInt8](repeating: 7, count: 60_000)
        let stream = Self.encode([frame])
        var backlog = ReceiveBacklog()
        var consumer = Consumer()
        Self.present(Array(stream.prefix(1)), &backlog, &consumer)
        Self.present(Array(stream.dropFirst(1)), &backlog, &consumer)
        #expect(consumer.frames == [frame])
        #expect(consumer.bytesSeen < 3 * stream.count)
    }
}
