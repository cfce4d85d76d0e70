import AMQPProtocol
import Foundation
import Logging
import SegmentLog
import Testing

@testable import Broker

/// A clock that stands until it is moved.
final class ManualClock: BrokerClock {
    var nanoseconds: UInt64 = 1_000_000_000
    var milliseconds: UInt64 = 1_700_000_000_000
    /// How much later it is each time that somebody looks: makes work take time.
    var nanosecondsPerReading: UInt64 = 0

    func monotonicNanoseconds() -> UInt64 {
        nanoseconds += nanosecondsPerReading
        return nanoseconds
    }
    func wallMilliseconds() -> UInt64 { milliseconds }

    func advance(milliseconds: UInt64) {
        self.milliseconds += milliseconds
        nanoseconds += milliseconds * 1_000_000
    }
}

/// A consumer's channel that keeps what it is given.
final class RecordingChannel: ClientChannel {
    struct Received {
        let entry: QueueEntry
        let body: String
        let headers: FieldTable
        let exchange: String
        let consumer: Consumer
    }

    var received: [Received] = []
    var cancelled: [String] = []
    var isOpen = true

    var bodies: [String] { received.map(\.body) }

    override func canTake(_ consumer: Consumer) -> Bool { isOpen && consumer.hasCredit }

    override func deliver(_ entry: QueueEntry, _ message: MessageView, to consumer: Consumer) {
        let properties = try? BasicProperties(decoding: message.properties)
        received.append(
            Received(
                entry: entry, body: String(decoding: message.body, as: UTF8.self),
                headers: properties?.headers ?? [:], exchange: String(decoding: message.exchange, as: UTF8.self),
                consumer: consumer))
    }

    override func consumerCancelled(_ consumer: Consumer) { cancelled.append(consumer.tag) }

    func acknowledgeAll() {
        for delivery in received { delivery.consumer.queue.acknowledge(delivery.entry, from: delivery.consumer) }
        received = []
    }
}

/// A broker on a folder of its own, which goes with it; its virtual host is `/`.
final class BrokerFixture {
    let clock = ManualClock()
    let directory: String
    private(set) var core: BrokerCore
    /// What is to be noted and worse.
    let log = RecordingLog()

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "harrier-\(UUID().uuidString)").path
        core = try Self.open(directory, clock, log)
        core.createDefaults()
        core.endBurst()
    }

    deinit {
        core.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    private static func open(_ directory: String, _ clock: ManualClock, _ log: RecordingLog) throws -> BrokerCore {
        try BrokerCore(
            configuration: BrokerConfiguration(dataDirectory: directory), logger: log.logger, clock: clock, notify: {})
    }

    /// Stops the broker as SIGTERM would, and starts it on the same folder.
    func restart() throws {
        core.close()
        core = try Self.open(directory, clock, log)
    }

    /// Stops the broker as a crash of the process would, with all that it has in the log.
    func crash() throws {
        core.endBurst()
        core.waitForDisk()
        let copy = directory + "-crashed"
        try FileManager.default.copyItem(atPath: directory, toPath: copy)
        core.close()
        try FileManager.default.removeItem(atPath: directory)
        try FileManager.default.moveItem(atPath: copy, toPath: directory)
        core = try Self.open(directory, clock, log)
    }

    var host: VirtualHost {
        get throws { try #require(core.virtualHosts["/"]) }
    }

    @discardableResult
    func queue(_ name: String, durable: Bool = true, _ arguments: FieldTable = [:]) throws -> Queue {
        try host.declareQueue(name, QueueProperties(isDurable: durable, arguments: arguments), by: nil)
    }

    @discardableResult
    func publish(
        _ body: String, to exchange: String = "", key: String, _ properties: BasicProperties = BasicProperties()
    ) throws -> PublishOutcome {
        let host = try host
        let exchange = try host.existingExchange(exchange)
        var buffer = WireBuffer()
        properties.encode(into: &buffer)
        let bytes = Array(buffer.bytes)
        return try withPointers([Array(exchange.name.utf8), Array(key.utf8), bytes, Array(body.utf8)]) { pointers in
            try host.publish(
                Publication(
                    exchange: pointers[0], routingKey: pointers[1],
                    properties: PropertiesView(validating: pointers[2]), propertyBytes: pointers[2],
                    body: pointers[3], expirationMilliseconds: properties.expiration.flatMap { UInt64($0) }),
                to: exchange)
        }
    }

    private func withPointers<Result>(
        _ arrays: [[UInt8]], _ body: ([UnsafeRawBufferPointer]) throws -> Result
    ) throws -> Result {
        let copies = arrays.map { array in
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: array.count, alignment: 1)
            copy.copyBytes(from: array)
            return copy
        }
        defer { for copy in copies { copy.deallocate() } }
        return try body(copies.map { UnsafeRawBufferPointer($0) })
    }

    @discardableResult
    func consume(
        _ queue: Queue, on channel: RecordingChannel, tag: String = "c", prefetch: Int = 0, autoAck: Bool = false,
        priority: Int = 0
    ) throws -> Consumer {
        let consumer = Consumer(
            tag: tag, queue: queue, channel: channel, isAutoAcknowledging: autoAck, isExclusive: false,
            priority: priority, prefetchCount: prefetch, arguments: [:])
        try queue.virtualHost.subscribe(consumer)
        core.endBurst()
        while core.queuesWaitingForPages > 0 {
            core.waitForDisk()
            core.logProgressed()
        }
        return consumer
    }

    /// Moves time, and lets due timers fire.
    func advance(milliseconds: UInt64) {
        clock.advance(milliseconds: milliseconds)
        core.runTimers()
        core.endBurst()
    }
}
