import AMQPProtocol
import Foundation
import Logging
import SegmentLog
import Testing

@testable import Broker

/// A broker whose storage is as small as can be, so that pages leave memory, segments go and checkpoints are written all
/// the time, and whose disk works in the broker's own turns.
final class StorageFixture {
    enum Stop: CaseIterable {
        case orderly
        /// The process is gone; what it had written is there.
        case crash
        /// The same, and the checkpoint is lost.
        case crashWithoutCheckpoint
        /// The same, and the checkpoint is damaged.
        case crashWithDamagedCheckpoint
    }

    let clock = ManualClock()
    let directory: String
    private(set) var core: BrokerCore
    private let extensions: BrokerExtensions
    private let configure: (inout BrokerConfiguration) -> Void

    init(
        extensions: BrokerExtensions = BrokerExtensions(),
        _ configure: @escaping (inout BrokerConfiguration) -> Void = { _ in }
    ) throws {
        self.extensions = extensions
        directory = FileManager.default.temporaryDirectory.appending(path: "harrier-\(UUID().uuidString)").path
        self.configure = configure
        core = try Self.open(directory, clock, extensions, configure)
        core.createDefaults()
        settle()
    }

    deinit {
        core.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    static func open(
        _ directory: String, _ clock: ManualClock, _ extensions: BrokerExtensions = BrokerExtensions(),
        _ configure: (inout BrokerConfiguration) -> Void = { _ in }
    ) throws -> BrokerCore {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        var configuration = BrokerConfiguration(dataDirectory: directory)
        configuration.segmentBytes = 16 << 10
        configuration.logPageBytes = 1 << 10
        configuration.checkpointIntervalBytes = 24 << 10
        configuration.pageCacheBytes = 24 << 10
        configuration.diskPlacement = .insidePoll
        configuration.diskFreeBytesMin = 0
        configure(&configuration)
        return try BrokerCore(
            configuration: configuration, extensions: extensions, logger: logger, clock: clock, notify: {})
    }

    var host: VirtualHost {
        guard let host = core.virtualHosts["/"] else { preconditionFailure("made by createDefaults") }
        return host
    }

    /// Ends the burst, and lets the disk and everything that waits for it go on until nothing is left to do.
    func settle() {
        core.endBurst()
        var idleRounds = 0
        while idleRounds < 3 {
            let before = progress
            core.logProgressed()
            if core.nextDeadlineNanoseconds == 0 { core.runTimers() }
            if progress != before || core.cache.jobs.pendingCount > 0 {
                idleRounds = 0
            } else if let next = core.nextDeadlineNanoseconds, next > 0, next <= clock.nanoseconds + 1_000_000 {
                // Something waits for its share of the time.
                clock.nanoseconds = max(clock.nanoseconds, next)
                core.runTimers()
                idleRounds = 0
            } else {
                idleRounds += 1
            }
        }
    }

    private var progress: [Int] {
        let storage = core.storageStatistics
        return [
            storage.log.recordsAppended, storage.log.writeRounds, storage.log.segmentsDeleted, storage.log.pagesRead,
            storage.log.pagesMoved, storage.checkpoints.count, core.cache.jobs.pendingCount,
            core.queuesWaitingForPages, core.deadlines.count, core.pendingDeadLetters.count,
        ]
    }

    func stop(_ stop: Stop) throws {
        if stop == .orderly {
            core.close()
        } else {
            core.endBurst()
            core.waitForDisk()
            let copy = directory + "-crashed"
            try FileManager.default.copyItem(atPath: directory, toPath: copy)
            core.close()
            try FileManager.default.removeItem(atPath: directory)
            try FileManager.default.moveItem(atPath: copy, toPath: directory)
            let checkpoint = URL(filePath: directory).appending(path: "checkpoint")
            if stop == .crashWithoutCheckpoint { try? FileManager.default.removeItem(at: checkpoint) }
            if stop == .crashWithDamagedCheckpoint, var bytes = try? Data(contentsOf: checkpoint) {
                bytes[bytes.count / 2] ^= 0x40
                try bytes.write(to: checkpoint)
            }
        }
        core = try Self.open(directory, clock, extensions, configure)
        settle()
    }

    // MARK: Work

    /// Fills some segments with messages that don't stay.
    func passSegments() throws {
        try queue("passing", ["x-max-length": .int32(3)])
        for _ in 0..<100 {
            try publish(String(repeating: "x", count: 800), key: "passing")
            settle()
        }
    }

    @discardableResult
    func queue(_ name: String, _ arguments: FieldTable = [:]) throws -> Queue {
        try host.declareQueue(name, QueueProperties(isDurable: true, arguments: arguments), by: nil)
    }

    @discardableResult
    func publish(
        _ body: String, to exchange: String = "", key: String, isPersistent: Bool = true, expiration: Int? = nil,
        headers: FieldTable? = nil, priority: UInt8? = nil
    ) throws -> PublishOutcome {
        let exchange = try host.existingExchange(exchange)
        var properties = BasicProperties(headers: headers)
        properties.deliveryMode = isPersistent ? 2 : 1
        properties.priority = priority
        properties.expiration = expiration.map { "\($0)" }
        var buffer = WireBuffer()
        properties.encode(into: &buffer)
        let bytes = Array(buffer.bytes)
        return try Array(exchange.name.utf8).withUnsafeBytes { name in
            try Array(key.utf8).withUnsafeBytes { key in
                try bytes.withUnsafeBytes { propertyBytes in
                    try Array(body.utf8).withUnsafeBytes { body in
                        let publication = Publication(
                            exchange: name, routingKey: key, properties: try PropertiesView(validating: propertyBytes),
                            propertyBytes: propertyBytes, body: body,
                            expirationMilliseconds: expiration.map(UInt64.init))
                        return try host.publish(publication, to: exchange)
                    }
                }
            }
        }
    }

    /// Hands out up to `count` messages.
    func take(_ queue: Queue, count: Int) throws -> [RecordingChannel.Received] {
        let channel = RecordingChannel()
        let consumer = Consumer(
            tag: "c", queue: queue, channel: channel, isAutoAcknowledging: false, isExclusive: false, priority: 0,
            prefetchCount: count, arguments: [:])
        try host.subscribe(consumer)
        settle()
        queue.remove(consumer)
        return channel.received
    }
}
