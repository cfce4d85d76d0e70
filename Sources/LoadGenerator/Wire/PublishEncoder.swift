import AMQPProtocol
import NIOCore

/// Writes publishes, many at a time, from bytes that have been encoded beforehand: for each message two copies and its
/// stamp.
struct PublishEncoder {
    /// What one call has written.
    struct Batch: Equatable {
        var messages = 0
        var bodyBytes = 0
    }

    private let contents: MessageContents
    /// basic.publish for each routing key.
    private let methods: [UInt8]
    private let methodEnds: [Int]
    private var nextMethod = 0
    private var nextPart = 0
    /// The number of the last message.
    private var number: UInt64
    /// Room that is enough for any batch.
    private let capacity: Int

    /// How many of the largest messages go into one write.
    let messagesPerWrite: Int

    init(
        exchange: String, routingKeys: [String], isMandatory: Bool, channel: UInt16, contents: MessageContents,
        stamp: BodyStamp
    ) {
        precondition(!routingKeys.isEmpty && !contents.parts.isEmpty)
        var buffer = WireBuffer()
        var ends: [Int] = []
        var methodSizeMax = 0
        for key in routingKeys {
            let start = buffer.count
            buffer.appendMethodFrame(
                channel: channel, BasicPublish(exchange: exchange, routingKey: key, mandatory: isMandatory))
            methodSizeMax = max(methodSizeMax, buffer.count - start)
            ends.append(buffer.count)
        }
        methods = Array(buffer.bytes)
        methodEnds = ends
        self.contents = contents
        number = stamp.number
        let messageSizeMax = methodSizeMax + contents.parts.reduce(0) { max($0, $1.count) }
        capacity = LoadPlan.Limit.writeBytes + messageSizeMax
        messagesPerWrite = LoadPlan.Limit.writeBytes / messageSizeMax + 1
    }

    /// Appends up to so many messages, but none behind the write's limit.
    mutating func encode(upTo messageCount: Int, at now: UInt64, into buffer: inout ByteBuffer) -> Batch {
        var batch = Batch()
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { target in
            methods.withUnsafeBytes { methods in
                contents.bytes.withUnsafeBytes { contents in
                    fill(target, methods, contents, messageCount, now, &batch)
                }
            }
        }
        return batch
    }

    /// Returns how many bytes it wrote.
    private mutating func fill(
        _ target: UnsafeMutableRawBufferPointer, _ methods: UnsafeRawBufferPointer,
        _ contents: UnsafeRawBufferPointer, _ messageCount: Int, _ now: UInt64, _ batch: inout Batch
    ) -> Int {
        var written = 0
        while batch.messages < messageCount, written < LoadPlan.Limit.writeBytes {
            let methodStart = nextMethod == 0 ? 0 : methodEnds[nextMethod - 1]
            let methodEnd = methodEnds[nextMethod]
            let part = self.contents.parts[nextPart]
            UnsafeMutableRawBufferPointer(rebasing: target[written...]).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: methods[methodStart..<methodEnd]))
            written += methodEnd - methodStart
            UnsafeMutableRawBufferPointer(rebasing: target[written...]).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: contents[part.start..<part.start + part.count]))
            number += 1
            if part.bodySize >= BodyStamp.timeBytes {
                target.storeBytes(of: now, toByteOffset: written + part.bodyOffset, as: UInt64.self)
                if part.bodySize >= BodyStamp.bytes {
                    let offset = written + part.bodyOffset + BodyStamp.timeBytes
                    target.storeBytes(of: number, toByteOffset: offset, as: UInt64.self)
                }
            }
            written += part.count
            batch.messages += 1
            batch.bodyBytes += part.bodySize
            nextMethod = nextMethod + 1 == methodEnds.count ? 0 : nextMethod + 1
            nextPart = nextPart + 1 == self.contents.parts.count ? 0 : nextPart + 1
        }
        return written
    }
}
