import AMQPProtocol
import Routing
import SegmentLog

/// A queue: messages in order, and the consumers that they are handed to. Plain single-threaded state of its virtual
/// host; every call comes from the core's loop.
public final class Queue {
    public let name: String
    /// Never used again, not even after a restart: log records name queues by it.
    let id: UInt64
    /// Where bindings find the queue; reused after it is deleted.
    let destination: DestinationID
    // Unsafe: it owns the queue, and outlives whoever may call that.
    public unowned(unsafe) let virtualHost: VirtualHost
    public let isDurable: Bool
    public let isAutoDelete: Bool
    /// The id of the only connection that may use the queue, and whose end is the queue's end.
    let exclusiveOwnerID: UInt64?
    public let isExclusive: Bool
    /// The broker's own: no client finds it.
    let isInternal: Bool
    /// Its messages are published when their time is over.
    let isSchedule: Bool
    public let arguments: FieldTable
    /// What its own arguments say.
    let declared: QueueSettings
    /// What holds: the arguments and the policies that match.
    @exclusivity(unchecked) private(set) var settings: QueueSettings
    /// Whether it refuses publishes when it is full, rather than dropping from its head.
    @exclusivity(unchecked) private(set) var mayRefuse: Bool
    @exclusivity(unchecked) private(set) var timeToLive: TimeToLive
    /// How long a message may be out that no consumer's own argument speaks of; `UInt64.max / 2` for ever.
    @exclusivity(unchecked) public private(set) var consumerTimeoutNanoseconds: UInt64

    let ready: QueueLines
    /// Bytes of the bodies that are ready.
    @exclusivity(unchecked) var readyBytes = 0
    /// Bytes of the bodies of all that would survive a restart, handed out or not.
    @exclusivity(unchecked) var durableBytes = 0
    @exclusivity(unchecked) var consumers: ConsumerRotation
    @exclusivity(unchecked) public internal(set) var unacknowledgedCount = 0
    @exclusivity(unchecked) public internal(set) var isDeleted = false
    /// Bindings that lead here.
    var incoming: [ObjectIdentifier: Binding] = [:]

    /// How often messages have come back; those that never did are not in it.
    @exclusivity(unchecked) var returnCounts: [UInt64: ReturnCount] = [:]
    /// Messages that have come back and are not ready before their delay is over, and the bytes of their bodies.
    @exclusivity(unchecked) public internal(set) var delayedCount = 0
    @exclusivity(unchecked) var delayedBytes = 0
    /// Messages up to this number of each line may have been handed out before a restart.
    @exclusivity(unchecked) var restoredEnds: [Int] = []

    @exclusivity(unchecked) var isMarkedForDelivery = false
    /// A message is to be handed out, dropped or looked at, and is not in memory. It has been asked for.
    var isWaitingForPage = false
    @exclusivity(unchecked) var readAhead = ReadAhead()
    /// Its consumers have had their share of the turn (`CatchUpShare`).
    var isHeldBack = false
    /// What left for good in this burst and is still to be written as one settle record, and the oldest record of it.
    @exclusivity(unchecked) var settledRanges: [Range<UInt64>] = []
    @exclusivity(unchecked) var oldestSettled = LogPosition(rawValue: .max)
    /// Whether the core knows that there is something to write.
    @exclusivity(unchecked) var isNoted = false
    /// What came back in this burst and is still to be written, by cause, and the oldest record of it.
    var returnedRanges: [Range<UInt64>] = []
    var failedRanges: [Range<UInt64>] = []
    var oldestReturned = LogPosition(rawValue: .max)
    /// Messages of whose returns all is to be written that is known.
    var returnsToState: [UInt64] = []
    var scheduledExpiryMilliseconds = UInt64.max
    /// Whether any message here may have a deadline: without one, nobody looks for expiry.
    @exclusivity(unchecked) var mayExpire: Bool
    /// The latest deadline of the messages of each line, since it was empty last; empty as long as nobody has looked.
    @exclusivity(unchecked) var latestDeadlines: [UInt64] = []
    /// The core watches deadlines of messages here (`BrokerCore.watch`).
    @exclusivity(unchecked) var hasWatchedMessages = false
    /// Messages whose time was over while they were handed out.
    @exclusivity(unchecked) var overdue: Set<UInt64> = []
    /// Dead letters that nobody takes; nil if there are none.
    var undeliverable: UndeliverableSet?
    /// When a consumer, a get or a declare last used the queue, for `x-expires`.
    var lastUsedNanoseconds: UInt64 = 0
    /// Since the start.
    @exclusivity(unchecked) var deathCounts = DeathCounts()
    /// Nil as long as no dead letter has come here since the start.
    var deadLetterArrivals: DeadLetterArrivals?
    /// Nil unless a policy asks for one.
    @exclusivity(unchecked) var breaker: DeadLetterBreaker?

    /// Looks at what is published into the queue, if there is one.
    @exclusivity(unchecked) private(set) var filter: PublishFilter?

    /// As `VirtualHost.coreReference`.
    let coreReference: Unmanaged<BrokerCore>
    var core: BrokerCore { coreReference.takeUnretainedValue() }
    let messages: MessageStore

    init(
        name: String,
        id: UInt64,
        destination: DestinationID,
        virtualHost: VirtualHost,
        properties: QueueProperties,
        declared: QueueSettings,
        settings: QueueSettings,
        earlierTimesToLive: [TimeToLive.Epoch] = [],
        restored: RestoredQueue? = nil
    ) {
        self.name = name
        self.id = id
        self.destination = destination
        self.virtualHost = virtualHost
        self.isDurable = properties.isDurable
        self.isAutoDelete = properties.isAutoDelete
        self.isExclusive = properties.exclusiveOwner != nil
        self.isInternal = properties.isInternal
        self.persistsAll = declared.type == .quorum
        self.isSchedule = properties.isInternal && name == VirtualHost.scheduleName
        self.exclusiveOwnerID = properties.exclusiveOwner?.id
        self.arguments = properties.arguments
        self.declared = declared
        self.settings = settings
        self.mayRefuse = settings.overflow != .dropHead
        self.timeToLive = TimeToLive(milliseconds: settings.limits.messageTTLMilliseconds, earlier: earlierTimesToLive)
        self.consumerTimeoutNanoseconds = Self.timeoutNanoseconds(settings, virtualHost.core.configuration)
        self.mayExpire = settings.limits.messageTTLMilliseconds != nil || !earlierTimesToLive.isEmpty
        self.breaker = settings.breaker.map { DeadLetterBreaker($0) }
        self.consumers = ConsumerRotation(isSingleActive: settings.isSingleActiveConsumer)
        self.coreReference = virtualHost.coreReference
        self.messages = virtualHost.core.messages
        let indexes = virtualHost.core.indexes
        self.ready = QueueLines(
            maxPriority: settings.maxPriority, store: indexes, restored: restored?.lines ?? [:])
        guard let restored else {
            self.timeToLive.forget(from: ready.lines.map(\.end))
            return
        }
        self.readyBytes = restored.durableBytes
        self.durableBytes = restored.durableBytes
        self.returnCounts = restored.returnCounts
        self.undeliverable = restored.undeliverable
        if restored.mayHaveBeenHandedOut { self.restoredEnds = ready.lines.map(\.end) }
        if restored.mayExpire { self.mayExpire = true }
        self.hasWatchedMessages = restored.hasWatchedMessages || !earlierTimesToLive.isEmpty
        // Numbers of what a crash took are given again.
        self.timeToLive.forget(from: ready.lines.map(\.end))
    }

    func setFilter(_ filter: PublishFilter?) {
        self.filter = filter
        filter?.queue = self
        core.topologyChanged()
    }

    /// Messages that a filter has kept out since the start.
    public var filteredCount: UInt64 { filter?.filteredCount ?? 0 }
    public var readyCount: Int { ready.count }
    public var consumerCount: Int { consumers.all.count }
    public var resourceName: ResourceName { ResourceName(.queue, name, in: virtualHost.name) }

    /// Whether messages and the queue itself outlive the process. An exclusive queue never does: its owner is gone.
    var isPersistent: Bool { isDurable && !isExclusive }
    /// A quorum queue keeps all messages over restarts, whatever their delivery mode, as in RabbitMQ.
    let persistsAll: Bool

    /// A policy has come, changed or gone: what holds now, holds at once for what is here, but for the time that messages
    /// have to live.
    func apply(_ settings: QueueSettings) {
        guard settings != self.settings else { return }
        let before = self.settings
        self.settings = settings
        mayRefuse = settings.overflow != .dropHead
        if settings.limits.messageTTLMilliseconds != before.limits.messageTTLMilliseconds {
            timeToLive.change(
                to: settings.limits.messageTTLMilliseconds, ends: ready.liveCount > 0 ? ready.lines.map(\.end) : [])
            if settings.limits.messageTTLMilliseconds != nil { mayExpire = true }
            if isPersistent { virtualHost.recordQueue(self) }
        }
        if settings.limits.expiresMilliseconds != before.limits.expiresMilliseconds {
            lastUsedNanoseconds = core.nowNanoseconds
            scheduleUnusedExpiry()
        }
        consumerTimeoutNanoseconds = Self.timeoutNanoseconds(settings, core.configuration)
        for consumer in consumers.all where consumer.namedTimeoutMilliseconds == nil {
            consumer.timeoutNanoseconds = consumerTimeoutNanoseconds
        }
        if settings.alerts != before.alerts { core.deadLetterAlerts.policyChanged(of: self) }
        if settings.breaker != before.breaker { breakerPolicyChanged() }
        if settings.redrive != before.redrive { core.redriveSchedules.policyChanged(of: self) }
        markForDelivery()
    }

    private static func timeoutNanoseconds(_ settings: QueueSettings, _ broker: BrokerConfiguration) -> UInt64 {
        let milliseconds = settings.limits.consumerTimeoutMilliseconds ?? broker.consumerTimeoutMilliseconds
        return milliseconds.map { $0 * 1_000_000 } ?? .max / 2
    }

    // MARK: Messages in

    /// Whether the queue refuses a message that is published to it now, rather than dropping from its head.
    func refuses(bodyCount: Int) -> Bool {
        mayRefuse && !hasRoomBehindConsumers(forBytes: bodyCount)
    }

    /// Whether there is room for messages with so many bytes of bodies. What a consumer can take at once does not count.
    func hasRoomBehindConsumers(forMessages count: Int = 1, forBytes bodyCount: Int) -> Bool {
        if hasRoom(forMessages: count, forBytes: bodyCount) { return true }
        if isMarkedForDelivery { deliverReady() }
        return hasRoom(forMessages: count, forBytes: bodyCount)
    }

    /// Whether what it refuses goes to its dead-letter exchange.
    var passesRefusedOn: Bool {
        settings.overflow == .rejectPublishDeadLetter && settings.deadLetterExchange != nil
    }

    /// Whether messages with so many bytes of bodies would stay within the limits.
    func hasRoom(forMessages count: Int = 1, forBytes bodyCount: Int) -> Bool {
        if let maxLength = settings.limits.maxLength, ready.count + delayedCount + count > maxLength { return false }
        if let maxLengthBytes = settings.limits.maxLengthBytes,
            readyBytes + delayedBytes + bodyCount > maxLengthBytes
        {
            return false
        }
        return true
    }

    /// Adds a message at the end of its priority's line. The caller has stored it with a reference for this queue, under
    /// the number that `ready.nextSequence` said.
    @inline(__always)
    func enqueue(
        _ stored: MessageStore.Stored, priority: UInt8, bodyCount: Int, expirationMilliseconds: UInt64?
    ) {
        if mayExpire || expirationMilliseconds != nil {
            noteDeadline(priority: priority, expirationMilliseconds: expirationMilliseconds)
        }
        let entry = QueueEntry(handle: stored.handle, sequence: 0, bodyCount: bodyCount, share: stored.share)
        let isDurable = isPersistent && !stored.handle.isTransient
        ready.append(entry.indexEntry, priority: priority, isDurable: isDurable)
        readyBytes += bodyCount
        if isDurable { durableBytes += bodyCount }
        markForDelivery()
    }

    /// Takes a message in that there is no room for, and at once out again: to the dead-letter exchange. The caller has
    /// stored it as for `enqueue`.
    func passOn(_ stored: MessageStore.Stored, priority: UInt8, bodyCount: Int) {
        let sequence = ready.nextSequence(priority: priority)
        let entry = QueueEntry(handle: stored.handle, sequence: sequence, bodyCount: bodyCount, share: stored.share)
        let isDurable = isPersistent && !stored.handle.isTransient
        ready.append(entry.indexEntry, priority: priority, isDurable: isDurable)
        if isDurable { durableBytes += bodyCount }
        ready.take(entry.place)
        discard(entry, reason: .maxLength, isRefused: true)
    }

    // MARK: Messages out

    /// Asks for `deliverReady` at the end of the burst.
    @inline(__always)
    func markForDelivery() {
        if !isMarkedForDelivery { joinDelivery() }
    }

    @inline(never)
    private func joinDelivery() {
        guard !isDeleted else { return }
        isMarkedForDelivery = true
        core.queuesToDeliver.append(self)
    }

    /// The message has done its work: it leaves for good.
    public func acknowledge(_ entry: QueueEntry, from consumer: Consumer?) {
        giveBackCredit(of: consumer)
        settle(entry)
    }

    /// The same for messages in the order of their numbers.
    public func acknowledge(_ entries: UnsafeBufferPointer<QueueEntry>, from consumer: Consumer?) {
        giveBackCredit(of: consumer, count: entries.count)
        for entry in entries { settle(entry) }
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

    func giveBackCredit(of consumer: Consumer?, count: Int = 1) {
        unacknowledgedCount -= count
        guard let consumer else { return }
        consumer.unacknowledgedCount -= count
        if !consumer.isInRotation { resume(consumer) }
    }

    /// Drops all that is in nobody's hands, as RabbitMQ does: what is ready, what waits for its delay, and dead letters that
    /// nobody takes.
    ///
    /// - Returns: how many messages that were.
    public func purge() -> Int {
        core.edits.purged(self)
        let count = purgeDelayed() + purgeUndeliverable() + purgeReady()
        forgetReturnsOfGone()
        return count
    }

    private func purgeReady() -> Int {
        let count = ready.count
        guard count > 0 else { return 0 }
        if isPersistent {
            core.note(self)
            ready.forEachReadyRange { settledRanges.append($0) }
            // Where they are is not looked up: any segment may have some.
            if !settledRanges.isEmpty { oldestSettled = .zero }
        }
        var durableGone = readyBytes
        ready.removeReady { [messages] entry in
            let entry = QueueEntry(entry, sequence: 0)
            if entry.handle.isTransient { durableGone -= Int(entry.bodyCount) }
            messages.release(entry.handle, share: entry.share)
        }
        if isPersistent { durableBytes = max(0, durableBytes - durableGone) }
        if ready.liveCount == 0 { durableBytes = 0 }
        readyBytes = 0
        return count
    }

    // MARK: Settling

    @inline(__always)
    func settle(_ entry: QueueEntry) {
        guard !isDeleted else {
            // Deleting the queue has released it.
            return forgetName(entry)
        }
        ready.settle(entry.place)
        forgetWhatWas(of: entry)
        release(entry)
    }

    /// The rest of settling: the message is in no line any more.
    @inline(__always)
    func release(_ entry: QueueEntry) {
        if isPersistent, !entry.handle.isTransient {
            if !isNoted { core.note(self) }
            Self.add(entry.sequence, to: &settledRanges)
            oldestSettled = min(oldestSettled, entry.handle.position)
            durableBytes -= Int(entry.bodyCount)
        }
        messages.release(entry.handle, share: entry.share)
    }

    /// The message has moved: the record that says where to says as well that it is gone from here.
    func settleMoved(_ entry: QueueEntry) {
        guard !isDeleted else { return }
        core.noteSettled(entry.handle.position, in: self)
        ready.settle(entry.place)
        forgetWhatWas(of: entry)
        durableBytes -= Int(entry.bodyCount)
        messages.release(entry.handle, share: entry.share)
    }

    @inline(__always)
    private func forgetWhatWas(of entry: QueueEntry) {
        if !returnCounts.isEmpty { returnCounts[entry.sequence] = nil }
        if !overdue.isEmpty { overdue.remove(entry.sequence) }
    }

    /// What was handed out is not released by the name under which it was: it may have been moved since.
    func forgetName(_ entry: QueueEntry) {
        if !entry.handle.isTransient { core.log.forgetName(entry.handle.position) }
    }

    @inline(__always)
    static func add(_ sequence: UInt64, to ranges: inout [Range<UInt64>]) {
        let last = ranges.count - 1
        if last >= 0, ranges[last].upperBound == sequence {
            ranges[last] = ranges[last].lowerBound..<sequence + 1
        } else {
            ranges.append(sequence..<sequence + 1)
        }
    }

    /// The message has been taken and is not wanted here any more.
    func discard(_ entry: QueueEntry, reason: DeadLetterReason, isRefused: Bool = false) {
        deathCounts.add(reason, isDeadLetter: settings.deadLetterExchange != nil)
        if let breaker, breaker.isTooMuch(reason, in: self) { openBreaker(breaker) }
        discard(entry, Death(reason, atSeconds: core.nowMilliseconds / 1000), isRefused: isRefused)
    }

    /// The same for what may have happened before a restart.
    func discard(_ entry: QueueEntry, _ death: Death, isRefused: Bool = false) {
        guard !isDeleted else { return forgetName(entry) }
        if settings.deadLetterExchange != nil || isSchedule {
            core.pendingDeadLetters.append(
                PendingDeadLetter(entry: entry, queue: self, death: death, isRefused: isRefused))
        } else {
            core.edits.dropped(entry, of: self)
            settle(entry)
        }
    }

    /// A client has asked for the queue: `x-expires` begins anew.
    public func noteUse() { lastUsedNanoseconds = core.nowNanoseconds }

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

    /// Frees everything, what is handed out as well. Consumers are told by the virtual host.
    func releaseAll() {
        ready.removeAll { [messages] entry in
            let entry = QueueEntry(entry, sequence: 0)
            messages.release(entry.handle, share: entry.share)
        }
        readyBytes = 0
        durableBytes = 0
        settledRanges = []
        returnedRanges = []
        failedRanges = []
        returnsToState = []
        returnCounts = [:]
        delayedCount = 0
        delayedBytes = 0
        overdue = []
        undeliverable = nil
    }
}
