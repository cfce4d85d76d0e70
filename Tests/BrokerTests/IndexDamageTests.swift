import Foundation
import Testing

@testable import Broker

/// The side file that queues' indexes page out to, damaged while the broker runs.
@Suite struct IndexDamageTests {
    private static let messageCount = 4000

    private func fill(_ fixture: StorageFixture) throws -> Queue {
        let queue = try fixture.queue("q")
        for number in 0..<Self.messageCount {
            try fixture.publish("message \(number)", key: "q")
            if number % 100 == 0 { fixture.settle() }
        }
        fixture.settle()
        return queue
    }

    /// Flips a bit of every page in the file.
    private func damage(_ fixture: StorageFixture) throws {
        let file = URL(filePath: fixture.directory).appending(path: "index.pages")
        var bytes = try Data(contentsOf: file)
        #expect(bytes.count > 4 << 10, "pages have left memory")
        for offset in stride(from: 100, to: bytes.count, by: 512) { bytes[offset] ^= 0x10 }
        let handle = try FileHandle(forWritingTo: file)
        try handle.write(contentsOf: bytes)
        try handle.close()
    }

    @Test("what stood in damaged pages is found again in the log, in order and once")
    func messagesAreFoundAgain() throws {
        let fixture = try StorageFixture()
        let queue = try fill(fixture)
        try damage(fixture)
        let received = try fixture.take(queue, count: Self.messageCount + 10)
        #expect(received.map(\.body) == (0..<Self.messageCount).map { "message \($0)" })
    }

    @Test("settled messages do not come back with a page that is found again")
    func settledMessagesStayAway() throws {
        let fixture = try StorageFixture()
        let queue = try fill(fixture)
        let first = try fixture.take(queue, count: 1000)
        for delivery in first.dropFirst(10) { queue.acknowledge(delivery.entry, from: nil) }
        fixture.settle()
        try damage(fixture)
        let received = try fixture.take(queue, count: Self.messageCount)
        #expect(received.map(\.body) == (1000..<Self.messageCount).map { "message \($0)" })
    }

    @Test("and a start afterwards finds the same")
    func startAfterwards() throws {
        let fixture = try StorageFixture()
        _ = try fill(fixture)
        try damage(fixture)
        try fixture.stop(.crash)
        let queue = try fixture.host.existingQueue("q")
        #expect(queue.ready.count == Self.messageCount)
        let received = try fixture.take(queue, count: Self.messageCount)
        #expect(received.map(\.body) == (0..<Self.messageCount).map { "message \($0)" })
    }
}
