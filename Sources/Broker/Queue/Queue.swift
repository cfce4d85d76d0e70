import AMQPProtocol
import Routing

/// A queue: messages in order, and the consumers that they are handed to. Plain single-threaded state of its virtual
/// host; every call comes from the core's loop.
public final class Queue {
    public let name: String
    /// Never used again, not even after a restart: log records name queues by it.
    let id: UInt64
    /// Where bindings find the queue; reused after it is deleted.
    let destination: DestinationID
    public unowned let virtualHost: VirtualHost
    public let isDurable: Bool
    public let isAutoDelete: Bool
    /// The only connection that may use the queue, and whose end is the queue's end.
    public private(set) weak var exclusiveOwner: ClientConnection?
    public let isExclusive: Bool
    public let arguments: FieldTable
    let settings: QueueSettings

    var ready: ReadyMessages
    var readyBytes = 0
    var consumers: ConsumerRotation
    public internal(set) var unacknowledgedCount = 0
    public internal(set) var isDeleted = false
    /// Bindings that lead here.
    var incoming: [ObjectIdentifier: Binding] = [:]

    var nextSequence: UInt64 = 1
    var isMarkedForDelivery = false
    /// What left for good in this burst and is still to be written as one settle record.
    var settledRanges: [Range<UInt64>] = []
    var scheduledExpiryMilliseconds = UInt64.max
    /// Whether any message here may have a deadline: without one, nobody looks for expiry.
    private var mayExpire: Bool
    /// When a consumer, a get or a declare last used the queue, for `x-expires`.
    var lastUsedNanoseconds: UInt64 = 0

    unowned let core: BrokerCore
    private let messages: MessageStore

    init(
        name: String,
        id: UInt64,
        destination: DestinationID,
        virtualHost: VirtualHost,
        properties: QueueProperties,
        settings: QueueSettings
    ) {
        self.name = name
        self.id = id
        self.destination = destination
        self.virtualHost = virtualHost
        self.isDurable = properties.isDurable
        self.isAutoDelete = properties.isAutoDelete
        self.isExclusive = properties.exclusiveOwner != nil
        self.exclusiveOwner = properties.exclusiveOwner
        self.arguments = properties.arguments
        self.settings = settings
        self.mayExpire = settings.messageTTLMilliseconds != nil
        self.ready = ReadyMessages(maxPriority: settings.maxPriority)
        self.consumers = ConsumerRotation(isSingleActive: settings.isSingleActiveConsumer)
        self.core = virtualHost.core
        self.messages = virtualHost.core.messages
    }

    public var readyCount: Int { ready.count }
    public var consumerCount: Int { consumers.all.count }
    var resourceName: ResourceName { ResourceName(.queue, name, in: virtualHost.name) }

    /// Whether messages and the queue itself outlive the process. An exclusive queue never does: its owner is gone.
    var isPersistent: Bool { isDurable && !isExclusive }

    // MARK: Messages in

    /// Whether the queue refuses what is published to it now, rather than dropping from its head.
    var refusesPublishes: Bool {
        guard settings.overflow != .dropHead, isFull else { return false }
        // What a consumer can take at once does not count.
        if isMarkedForDelivery { deliverReady() }
        return isFull
    }

    private var isFull: Bool {
        if let maxLength = settings.maxLength, ready.count >= maxLength { return true }
        if let maxLengthBytes = settings.maxLengthBytes, readyBytes >= maxLengthBytes { return true }
        return false
    }

    func takeSequence() -> UInt64 {
        defer { nextSequence += 1 }
        return nextSequence
    }

    /// Adds a message at the end of its priority's line. The caller has stored it with a reference for this queue.
    func enqueue(_ entry: QueueEntry, priority: UInt8, bodyCount: Int, expires: Bool) {
        if expires { mayExpire = true }
        ready.append(entry, priority: priority)
        readyBytes += bodyCount
        markForDelivery()
    }

    /// Puts a message that was handed out back to its place, marked as redelivered.
    public func requeue(_ entry: QueueEntry, from consumer: Consumer?) {
        giveBackCredit(of: consumer)
        guard !isDeleted, let view = messages.view(entry.handle) else {
            messages.release(entry.handle)
            return
        }
        var entry = entry
        entry.redelivered = true
        ready.restore(entry, priority: view.priority)
        readyBytes += view.bodyCount
        markForDelivery()
    }

    /// Drops what is too much at the front, once consumers have taken what they can.
    private func dropOverflow() {
        guard settings.overflow == .dropHead else { return }
        while isOverLimit, let entry = ready.popForDrop() {
            forgetReadyBytes(of: entry)
            discard(entry, reason: .maxLength)
        }
    }

    private var isOverLimit: Bool {
        if let maxLength = settings.maxLength, ready.count > maxLength { return true }
        if let maxLengthBytes = settings.maxLengthBytes, readyBytes > maxLengthBytes { return true }
        return false
    }

    private func forgetReadyBytes(of entry: QueueEntry) {
        readyBytes -= messages.view(entry.handle)?.bodyCount ?? 0
    }

    // MARK: Messages out

    /// Asks for `deliverReady` at the end of the burst.
    func markForDelivery() {
        guard !isMarkedForDelivery, !isDeleted else { return }
        isMarkedForDelivery = true
        core.queuesToDeliver.append(self)
    }

    /// Hands ready messages to consumers until either runs out.
    func deliverReady() {
        isMarkedForDelivery = false
        guard !isDeleted else { return }
        let now = core.nowMilliseconds
        while !ready.isEmpty, let consumer = consumers.next(), let entry = ready.popFirst() {
            guard let message = messages.view(entry.handle) else {
                settle(entry)
                continue
            }
            readyBytes -= message.bodyCount
            // A TTL of 0 still reaches a consumer that is ready in the same millisecond, as in RabbitMQ.
            if deadlineMilliseconds(of: message) < now {
                discard(entry, reason: .expired)
                continue
            }
            if consumer.isAutoAcknowledging {
                consumer.channel.deliver(entry, message, to: consumer)
                settle(entry)
            } else {
                unacknowledgedCount += 1
                consumer.unacknowledgedCount += 1
                consumer.channel.deliver(entry, message, to: consumer)
            }
        }
        dropOverflow()
        expireHeads()
    }

    /// Takes the next message for basic.get. With `isAutoAcknowledging` the caller settles it after use; otherwise it
    /// counts as unacknowledged until then.
    public func get(isAutoAcknowledging: Bool) -> (entry: QueueEntry, message: MessageView)? {
        lastUsedNanoseconds = core.nowNanoseconds
        expireHeads()
        while let entry = ready.popFirst() {
            guard let message = messages.view(entry.handle) else {
                settle(entry)
                continue
            }
            readyBytes -= message.bodyCount
            if !isAutoAcknowledging { unacknowledgedCount += 1 }
            return (entry, message)
        }
        return nil
    }

    /// The message has done its work: it leaves for good.
    public func acknowledge(_ entry: QueueEntry, from consumer: Consumer?) {
        giveBackCredit(of: consumer)
        settle(entry)
    }

    /// The message was rejected without requeue: to the dead-letter exchange if there is one, else gone.
    public func reject(_ entry: QueueEntry, from consumer: Consumer?) {
        giveBackCredit(of: consumer)
        discard(entry, reason: .rejected)
    }

    /// Settles a message that `get` took with automatic acknowledgement.
    public func settleFetched(_ entry: QueueEntry) {
        settle(entry)
    }

    private func giveBackCredit(of consumer: Consumer?) {
        unacknowledgedCount -= 1
        guard let consumer else { return }
        consumer.unacknowledgedCount -= 1
        if !consumer.isInRotation { resume(consumer) }
    }

    /// Drops all that is ready.
    /// - Returns: how many messages that were.
    public func purge() -> Int {
        let count = ready.count
        ready.removeAll { settle($0) }
        readyBytes = 0
        return count
    }

    // MARK: Settling

    func settle(_ entry: QueueEntry) {
        if isPersistent, !isDeleted, !entry.handle.isTransient {
            if settledRanges.isEmpty { core.queuesToSettle.append(self) }
            let sequence = entry.sequence
            if let last = settledRanges.last, last.upperBound == sequence {
                settledRanges[settledRanges.count - 1] = last.lowerBound..<sequence + 1
            } else {
                settledRanges.append(sequence..<sequence + 1)
            }
        }
        messages.release(entry.handle)
    }

    private func discard(_ entry: QueueEntry, reason: DeadLetterReason) {
        if settings.deadLetterExchange != nil, !isDeleted {
            core.pendingDeadLetters.append(PendingDeadLetter(entry: entry, queue: self, reason: reason))
        } else {
            settle(entry)
        }
    }

    // MARK: Expiry

    func deadlineMilliseconds(of message: MessageView) -> UInt64 {
        let timeToLive = min(message.expirationMilliseconds, settings.messageTTLMilliseconds ?? .max)
        let (deadline, overflow) = message.publishedAtMilliseconds.addingReportingOverflow(timeToLive)
        return overflow ? .max : deadline
    }

    /// Discards what is over its time at the front of the lines, and asks to be woken when the next one is.
    func expireHeads() {
        guard mayExpire, !isDeleted else { return }
        let now = core.nowMilliseconds
        func deadline(_ entry: QueueEntry) -> UInt64 {
            messages.view(entry.handle).map { deadlineMilliseconds(of: $0) } ?? .max
        }
        while let entry = ready.popExpired({ deadline($0) <= now }) {
            forgetReadyBytes(of: entry)
            discard(entry, reason: .expired)
        }
        var next = UInt64.max
        ready.forEachHead { next = min(next, deadline($0)) }
        guard next < scheduledExpiryMilliseconds else { return }
        scheduledExpiryMilliseconds = next
        core.timers.schedule(.queueExpiry(self), atNanoseconds: core.nowNanoseconds + (next - now) * 1_000_000)
    }

    // MARK: Consumers

    func add(_ consumer: Consumer) {
        lastUsedNanoseconds = core.nowNanoseconds
        consumers.add(consumer)
        markForDelivery()
    }

    /// Takes the consumer out; what it holds unacknowledged stays its channel's. The last one to leave takes an
    /// auto-delete queue along.
    public func remove(_ consumer: Consumer) {
        guard !consumer.isCancelled else { return }
        consumer.isCancelled = true
        guard !isDeleted else { return }
        consumers.remove(consumer)
        lastUsedNanoseconds = core.nowNanoseconds
        if isAutoDelete, consumers.isEmpty {
            virtualHost.delete(self)
        } else {
            scheduleUnusedExpiry()
            markForDelivery()
        }
    }

    /// The consumer can take messages again.
    public func resume(_ consumer: Consumer) {
        guard !isDeleted, !consumer.isCancelled else { return }
        consumers.resume(consumer)
        if !ready.isEmpty { markForDelivery() }
    }

    /// Starts the clock of `x-expires`, which runs while nobody uses the queue.
    func scheduleUnusedExpiry() {
        guard let milliseconds = settings.expiresMilliseconds, consumers.isEmpty else { return }
        core.timers.schedule(.queueUnused(self), atNanoseconds: lastUsedNanoseconds + milliseconds * 1_000_000)
    }

    /// Deletes the queue if it has been unused for its time.
    func expireIfUnused() {
        guard !isDeleted, consumers.isEmpty, let milliseconds = settings.expiresMilliseconds else { return }
        if core.nowNanoseconds >= lastUsedNanoseconds + milliseconds * 1_000_000 {
            virtualHost.delete(self)
        } else {
            scheduleUnusedExpiry()
        }
    }

    /// Frees everything that is ready. Consumers are told by the virtual host.
    func releaseAll() {
        ready.removeAll { messages.release($0.handle) }
        readyBytes = 0
        settledRanges = []
    }
}
