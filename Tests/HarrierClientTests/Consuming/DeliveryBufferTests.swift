import NIOCore
import Synchronization
import Testing

@testable import HarrierClient

@Suite(.timeLimit(.minutes(1)))
struct DeliveryBufferTests {
    private static func delivery(_ tag: UInt64, bodyBytes: Int = 0) -> Delivery {
        Delivery(
            deliveryTag: tag, consumerTag: "c", isRedelivered: false, exchange: "", routingKey: "k",
            properties: .init(), body: ByteBuffer(repeating: 0, count: bodyBytes), remainingCount: nil)
    }

    private static func buffer(bufferedBytesMax: Int = 1 << 20) -> (DeliveryBuffer, ReadGate) {
        let gate = ReadGate(bufferedBytesMax: bufferedBytesMax) {}
        return (DeliveryBuffer(acknowledgement: .manual, gate: gate), gate)
    }

    @Test func whatIsBufferedComesInOrderAndBeforeTheEnd() async throws {
        let (buffer, _) = Self.buffer()
        for tag in 1...3 as ClosedRange<UInt64> { #expect(buffer.append(Self.delivery(tag)) == .buffered) }
        buffer.finish()
        for tag in 1...3 as ClosedRange<UInt64> { #expect(try await buffer.next()?.deliveryTag == tag) }
        #expect(try await buffer.next() == nil)
        #expect(try await buffer.next() == nil)
    }

    @Test func anErrorComesBehindWhatIsBuffered() async throws {
        let (buffer, _) = Self.buffer()
        _ = buffer.append(Self.delivery(1))
        buffer.fail(.channelClosed)
        // The first end counts.
        buffer.finish()
        #expect(try await buffer.next()?.deliveryTag == 1)
        await #expect(throws: AMQPClientError.self) { try await buffer.next() }
    }

    @Test func whoWaitsIsWokenAtTheEndOfTheBurstOrAfterMany() async throws {
        for count in [1, 40] as [UInt64] {
            let (buffer, _) = Self.buffer()
            let task = Task { try await buffer.next()?.deliveryTag }
            while !buffer.hasWaiters { await Task.yield() }
            var placements: [DeliveryBuffer.Placement] = []
            for tag in 1...count { placements.append(buffer.append(Self.delivery(tag))) }
            // The task has been woken, and waits no longer, once it would have slept through 32 of them.
            #expect(placements == (1...count).map { $0 <= 32 ? .awaited : .buffered })
            buffer.wake()
            #expect(try await task.value == 1)
        }
    }

    @Test func manyTasksShareTheDeliveries() async throws {
        let (buffer, _) = Self.buffer()
        let seen = try await withThrowingTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var tags: [UInt64] = []
                    while let delivery = try await buffer.next() { tags.append(delivery.deliveryTag) }
                    return tags
                }
            }
            for tag in 1...1000 as ClosedRange<UInt64> { _ = buffer.append(Self.delivery(tag)) }
            buffer.finish()
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(seen.sorted() == Array(1...1000))
    }

    @Test func aCancelledTaskTakesNothing() async throws {
        let (buffer, _) = Self.buffer()
        let task = Task { try await buffer.next()?.deliveryTag }
        task.cancel()
        #expect(try await task.value == nil)
        _ = buffer.append(Self.delivery(1))
        #expect(try await buffer.next()?.deliveryTag == 1)
    }

    @Test func abandoningGivesBackWhatNobodySaw() async throws {
        let (buffer, gate) = Self.buffer(bufferedBytesMax: 100)
        _ = buffer.append(Self.delivery(1))
        _ = buffer.append(Self.delivery(2))
        #expect(gate.isClosed)
        #expect(buffer.abandon().map(\.deliveryTag) == [1, 2])
        #expect(!gate.isClosed)
        #expect(buffer.append(Self.delivery(3)) == .unwanted)
        #expect(try await buffer.next() == nil)
    }

    @Test func theGateClosesAboveItsLimitAndReopensAtHalf() async throws {
        let reopened = Atomic(0)
        let gate = ReadGate(bufferedBytesMax: 10_000) { reopened.add(1, ordering: .relaxed) }
        let buffer = DeliveryBuffer(acknowledgement: .automatic, gate: gate)
        for tag in 1...4 as ClosedRange<UInt64> { _ = buffer.append(Self.delivery(tag, bodyBytes: 3_000)) }
        #expect(gate.isClosed)
        _ = try await buffer.next()
        _ = try await buffer.next()
        #expect(gate.isClosed)
        _ = try await buffer.next()
        #expect(!gate.isClosed)
        #expect(reopened.load(ordering: .relaxed) == 1)
    }
}
