import AMQPProtocol
import SeededRandom

extension SeededGenerator {
    /// A connection's whole life in bytes, on up to three channels.
    mutating func session(steps: Int) -> [UInt8] {
        var bytes = EnginePeer.handshake(frameMax: once(in: 2) ? 4096 : 131_072)
        for number in 1...3 as ClosedRange<UInt16> { bytes += wire(ChannelOpen(), on: number) }
        bytes += Meeting.topology
        for _ in 0..<steps { bytes += channelFrames(on: UInt16(1 + next(upTo: 3))) }
        if once(in: 2) { bytes += wire(ConnectionClose(replyCode: .replySuccess), on: 0) }
        return bytes
    }

    /// Changes some of the bytes: flipped, replaced, left out, doubled, cut off.
    mutating func mutated(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0...next(upTo: 3) where !bytes.isEmpty {
            let index = next(upTo: bytes.count)
            let end = min(bytes.count, index + 1 + next(upTo: 20))
            switch next(upTo: 7) {
            case 0: bytes[index] ^= 1 << UInt8(next(upTo: 8))
            case 1: bytes[index] = pick([0, 1, 0x7F, 0x80, 0xCE, 0xFF])
            case 2: bytes.removeSubrange(index..<end)
            case 3: bytes.insert(contentsOf: bytes[index..<end], at: index)
            case 4: bytes.insert(contentsOf: self.bytes(countMax: 12), at: index)
            case 5: bytes.removeSubrange(index...)
            default: bytes.replaceSubrange(index..<end, with: repeatElement(0xFF, count: end - index))
            }
        }
        return bytes
    }

    /// Changes some bytes of payloads and leaves the frames around them sound, so that the change gets further.
    mutating func mutatedPayloads(_ frames: [UInt8]) -> [UInt8] {
        var bytes = frames
        var offset = 0
        while let header = bytes[offset...].withUnsafeBytes({ FrameHeader(peeking: $0) }),
            offset + header.frameSize <= bytes.count
        {
            if header.payloadSize > 0, once(in: 2) {
                let index = offset + Frame.headerSize + next(upTo: header.payloadSize)
                bytes[index] = once(in: 2) ? pick([0, 1, 0x7F, 0x80, 0xFF]) : UInt8(next(upTo: 256))
            }
            offset += header.frameSize
        }
        return bytes
    }

    /// Cuts the bytes into parts at random.
    mutating func parts(of bytes: [UInt8], sizeMax: Int) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        var offset = 0
        while offset < bytes.count {
            let end = min(bytes.count, offset + 1 + next(upTo: sizeMax))
            parts.append(Array(bytes[offset..<end]))
            offset = end
        }
        return parts
    }
}
