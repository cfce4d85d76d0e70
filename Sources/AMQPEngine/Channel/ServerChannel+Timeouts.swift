import AMQPProtocol
import Broker
import Logging

// Consumers that take too long, as in RabbitMQ 4.3: what they hold goes back to its queue, and they are cancelled; or the
// channel is closed, as before 4.3.

extension ServerChannel {
    /// Timers are not cancelled: a channel that is closed leaves one behind, for so long at the most.
    private static let checkIntervalNanosecondsMax: UInt64 = 60_000_000_000
    /// A check looks at all that is outstanding. A timeout is noticed so much too late at the most, and a fifteenth
    /// of a second more, in which connections share a turn.
    private static let checkIntervalNanosecondsMin: UInt64 = 50_000_000
    /// How many tags may be remembered whose settlement is still to come.
    private static let reclaimedTagsMax = 65_536

    /// The message is the client's until it settles it.
    @inline(__always)
    func hold(_ entry: QueueEntry, tag: UInt64, from queue: Queue, for consumer: Consumer?) {
        let deadline =
            consumer?.settleDeadlineNanoseconds() ?? core.nowNanoseconds + queue.consumerTimeoutNanoseconds
        ledger.append(entry, tag: tag, deadlineNanoseconds: deadline, queue: queue, consumer: consumer)
        if deadline < nextTimeoutCheckNanoseconds { scheduleTimeoutCheck(for: deadline) }
    }

    private func scheduleTimeoutCheck(for deadline: UInt64) {
        let now = core.nowNanoseconds
        let next = min(
            max(deadline, now + Self.checkIntervalNanosecondsMin), now + Self.checkIntervalNanosecondsMax)
        guard next < nextTimeoutCheckNanoseconds else { return }
        nextTimeoutCheckNanoseconds = next
        core.schedule(connection, atNanoseconds: next)
    }

    /// Takes back what has been out for too long, if it is time to look.
    func checkTimeouts(_ nowNanoseconds: UInt64) {
        guard nowNanoseconds >= nextTimeoutCheckNanoseconds, !isClosing else { return }
        nextTimeoutCheckNanoseconds = .max
        var earliest = UInt64.max
        var late: [UnackedLedger.Delivery] = []
        ledger.forEach { delivery in
            if delivery.deadlineNanoseconds <= nowNanoseconds {
                late.append(delivery)
            } else {
                earliest = min(earliest, delivery.deadlineNanoseconds)
            }
        }
        if let first = late.first { timeOut(late, first) }
        if !isClosing, earliest < .max { scheduleTimeoutCheck(for: earliest) }
    }

    private func timeOut(_ late: [UnackedLedger.Delivery], _ first: UnackedLedger.Delivery) {
        connection.logger.warning(
            "a consumer did not acknowledge in time",
            metadata: [
                "channel": "\(number)", "queue": "\(first.queue.name)", "consumer": "\(first.consumer?.tag ?? "none")",
                "deliveryTag": "\(first.tag)",
            ])
        let mayNotify =
            connection.capabilities.consumerCancelNotify
            && core.configuration.consumerTimeoutResponse == .notifyConsumer
            && ledger.reclaimedCount + ledger.count <= Self.reclaimedTagsMax
        guard mayNotify else {
            let milliseconds =
                (first.consumer?.timeoutNanoseconds ?? first.queue.consumerTimeoutNanoseconds) / 1_000_000
            connection.currentMethod = .none
            return connection.refuse(
                .channel(
                    .preconditionFailed,
                    "delivery acknowledgement on channel \(number) timed out. Timeout value used: \(milliseconds) ms. "
                        + "This timeout value can be configured, see consumers doc guide to learn more"),
                channel: number)
        }
        let consumers = late.compactMap(\.consumer)
        for consumer in consumers where !consumer.isCancelled {
            consumer.queue.remove(consumer)
            consumerCancelled(consumer)
        }
        let names = Set(consumers.map { ObjectIdentifier($0) })
        let tags = Set(late.map(\.tag))
        let reclaimed = ledger.reclaim { delivery in
            tags.contains(delivery.tag) || delivery.consumer.map { names.contains(ObjectIdentifier($0)) } ?? false
        }
        for delivery in reclaimed { carryOut(.requeue(.returned), delivery) }
        resumeLimitedConsumers()
    }
}
