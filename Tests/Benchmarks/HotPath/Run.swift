import AMQPProtocol
import Broker
import Logging
import SegmentLog
import Synchronization

/// A broker and the clients of a workload, all on one thread: files are written in the core's turns, so that a run takes the
/// same instructions each time.
final class Run {
    private let workload: Workload
    private let core: BrokerCore
    private var producers: [Client] = []
    private var consumers: [Client] = []
    private let progress: Progress
    /// What each producer says in a burst.
    private var bursts: [[UInt8]] = []
    private let messagesPerBurst: Int
    private let deliveryBytes: Int
    /// What each consumer had heard before the first message.
    private var bytesBefore: [Int] = []
    private var published = 0

    private static let exchange = "hot"
    private static let burstBytes = 1 << 16

    private final class Progress: Sendable {
        let isMade = Atomic(false)
    }

    init(_ workload: Workload, directory: String) throws {
        self.workload = workload
        let progress = Progress()
        self.progress = progress
        var configuration = BrokerConfiguration(dataDirectory: directory)
        configuration.sync = .none
        configuration.diskPlacement = .insidePoll
        core = try BrokerCore(
            configuration: configuration, logger: Logger(label: "hot") { _ in SwiftLogNoOpLogHandler() },
            notify: { progress.isMade.store(true, ordering: .relaxed) })
        core.createDefaults()
        messagesPerBurst = max(1, Self.burstBytes / Self.publish(workload, routingKey: Self.queueName(0)).count)
        deliveryBytes = Self.delivery(workload).count
        for number in 0..<workload.queueCount { addConsumer(number) }
        for number in 0..<workload.pairs { addProducer(number) }
        bytesBefore = consumers.map(\.receivedBytes)
    }

    private static func queueName(_ number: Int) -> String { "queue-\(number)" }

    private static func publish(_ workload: Workload, routingKey: String) -> [UInt8] {
        let isFanout = workload.fanout > 0
        var buffer = WireBuffer()
        buffer.appendMethodFrame(
            channel: 1, BasicPublish(exchange: isFanout ? exchange : "", routingKey: isFanout ? "" : routingKey))
        appendContent(workload, to: &buffer)
        return Array(buffer.bytes)
    }

    private static func delivery(_ workload: Workload) -> [UInt8] {
        let isFanout = workload.fanout > 0
        var buffer = WireBuffer()
        buffer.appendMethodFrame(
            channel: 1,
            BasicDeliver(
                consumerTag: "c", deliveryTag: 1, redelivered: false, exchange: isFanout ? exchange : "",
                routingKey: isFanout ? "" : queueName(0)))
        appendContent(workload, to: &buffer)
        return Array(buffer.bytes)
    }

    private static func appendContent(_ workload: Workload, to buffer: inout WireBuffer) {
        // Flags and list: the delivery mode, or none.
        let properties: [UInt8] = workload.isPersistent ? [0x10, 0, 2] : [0, 0]
        properties.withUnsafeBytes { properties in
            buffer.appendContentHeader(channel: 1, bodySize: UInt64(workload.bodyBytes), properties: properties)
        }
        [UInt8](repeating: 120, count: workload.bodyBytes).withUnsafeBytes { body in
            buffer.appendBody(channel: 1, body, frameMax: 131_072)
        }
    }

    private func addConsumer(_ number: Int) {
        let name = Self.queueName(number)
        let consumer = Client(core)
        consumers.append(consumer)
        tell(consumer) { Client.handshake(into: &$0) }
        tell(consumer) { [workload] buffer in
            buffer.appendMethodFrame(channel: 1, QueueDeclare(queue: name, durable: workload.isPersistent))
        }
        if workload.fanout > 0 {
            tell(consumer) { buffer in
                buffer.appendMethodFrame(
                    channel: 1, ExchangeDeclare(exchange: Self.exchange, type: "fanout", durable: false))
                buffer.appendMethodFrame(channel: 1, QueueBind(queue: name, exchange: Self.exchange))
            }
        }
        tell(consumer) { [workload] buffer in
            if workload.acknowledgedAtOnce > 0 {
                buffer.appendMethodFrame(channel: 1, BasicQos(prefetchCount: 1000))
            }
            buffer.appendMethodFrame(
                channel: 1, BasicConsume(queue: name, consumerTag: "c", noAck: workload.acknowledgedAtOnce == 0))
        }
    }

    private func addProducer(_ number: Int) {
        let producer = Client(core)
        producers.append(producer)
        tell(producer) { Client.handshake(into: &$0) }
        if workload.isConfirming {
            tell(producer) { buffer in buffer.appendMethodFrame(channel: 1, ConfirmSelect()) }
        }
        let publish = Self.publish(workload, routingKey: Self.queueName(number))
        bursts.append(Array(repeatElement(publish, count: messagesPerBurst).joined()))
    }

    private func tell(_ client: Client, _ encode: (inout WireBuffer) -> Void) {
        client.say(encode)
        settle()
    }

    /// Publishes at least so many messages, which all arrive and are settled.
    ///
    /// - Returns: how many there were.
    func publish(atLeast count: Int) -> Int {
        let before = published
        while published - before < count {
            for number in producers.indices { publishBurst(number) }
            settle()
            if workload.acknowledgedAtOnce > 0 { acknowledge() }
        }
        let delivered = consumers.indices.reduce(0) { $0 + deliveries(to: $1) }
        let expected = published * max(1, workload.fanout)
        precondition(delivered == expected, "\(delivered) of \(expected) deliveries")
        return published - before
    }

    private func publishBurst(_ number: Int) {
        bursts[number].withUnsafeBytes { bytes in
            var taken = 0
            while taken < bytes.count {
                taken += producers[number].say(UnsafeRawBufferPointer(rebasing: bytes[taken...]))
                // It has done its share of the turn.
                if taken < bytes.count { settle() }
            }
        }
        published += messagesPerBurst
    }

    private func acknowledge() {
        for index in consumers.indices {
            consumers[index].acknowledge(
                through: UInt64(deliveries(to: index)), atOnce: UInt64(workload.acknowledgedAtOnce))
        }
        settle()
    }

    private func deliveries(to index: Int) -> Int {
        (consumers[index].receivedBytes - bytesBefore[index]) / deliveryBytes
    }

    /// Ends bursts until nobody waits for anything any more.
    private func settle() {
        core.endBurst()
        while true {
            if progress.isMade.exchange(false, ordering: .relaxed) {
                core.logProgressed()
            } else if core.nextDeadlineNanoseconds == 0 {
                core.runTimers()
                core.endBurst()
            } else {
                return
            }
        }
    }

    func end() {
        for client in producers + consumers { client.end() }
        settle()
        core.close()
    }
}
