import Testing

@testable import Broker

/// What a queue holds, in records of a limited size.
@Suite struct QueueStandingTests {
    private func queue(holding count: Int, without gone: (Int) -> Bool, in fixture: StorageFixture) throws -> Queue {
        let queue = try fixture.queue("q")
        for number in 0..<count { try fixture.publish("\(number)", key: "q") }
        fixture.settle()
        for delivery in try fixture.take(queue, count: count) {
            let number = try #require(Int(delivery.body))
            if gone(number) { queue.acknowledge(delivery.entry, from: delivery.consumer) }
        }
        return queue
    }

    private func numbers(_ parts: [QueueStanding], upTo end: Int) -> [Int] {
        (0..<end).filter { number in parts.allSatisfy { $0.contains(QueueLines.Place(line: 0, number: number)) } }
    }

    @Test(
        "parts say together what is there, each fits, and reads back",
        arguments: [64, 100, 1000, 100_000],
        [
            (1, 0), (2, 0), (2, 1), (3, 1), (100, 50), (1000, 0),
        ])
    func parts(byteCountMax: Int, pattern: (every: Int, from: Int)) throws {
        let fixture = try StorageFixture()
        let gone = { (number: Int) in number >= pattern.from && number % pattern.every == 0 }
        let queue = try queue(holding: 900, without: gone, in: fixture)
        let parts = QueueStanding.parts(of: queue, byteCountMax: byteCountMax)
        #expect(numbers(parts, upTo: 900) == (0..<900).filter { !gone($0) })
        #expect(parts.last?.span.upperBound == 900 && parts.first?.span.lowerBound == 0)
        for (part, next) in zip(parts, parts.dropFirst()) { #expect(part.span.upperBound == next.span.lowerBound) }
        for part in parts {
            let bytes = part.encode()
            #expect(bytes.count <= byteCountMax)
            #expect(bytes.withUnsafeBytes { QueueStanding(decoding: $0) } == part)
            for count in 0..<bytes.count { _ = bytes[..<count].withUnsafeBytes { QueueStanding(decoding: $0) } }
        }
    }

    @Test("a queue of which every other message is gone takes a bit for each")
    func fragmented() throws {
        let fixture = try StorageFixture()
        let queue = try queue(holding: 900, without: { $0 % 2 == 0 }, in: fixture)
        let parts = QueueStanding.parts(of: queue, byteCountMax: 100_000)
        #expect(parts.count == 1 && parts[0].encode().count == 40 + 113)
    }
}
