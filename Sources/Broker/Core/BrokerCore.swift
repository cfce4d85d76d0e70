import AMQPProtocol
import Definitions
import Logging
import SegmentLog

/// The broker: virtual hosts, users, the message store, timers. No sockets and no threads of its own but the log's
/// writer; all calls come from one thread, the core's loop, in bursts that `endBurst` ends.
public final class BrokerCore {
    public let configuration: BrokerConfiguration
    public let logger: Logger
    public let access: AccessControl
    public internal(set) var exchangeTypes: ExchangeTypes
    public internal(set) var virtualHosts: [String: VirtualHost] = [:]
    /// Policies, operator policies and other parameters from definition files, by component: kept and written back.
    public internal(set) var parameters: [ParameterKey: FieldValue] = [:]

    let messages: MessageStore
    let journal: TopologyJournal
    let log: SegmentLog
    private let clock: any BrokerClock
    private let notify: @Sendable () -> Void
    var timers = TimerQueue()

    var nextQueueID: UInt64 = 1
    private var nextConnectionID: UInt64 = 1
    private var queueNames = QueueNameGenerator()

    /// Connections that are open, by id.
    public private(set) var connections: [UInt64: ClientConnection] = [:]
    /// Channels that wait for replies (direct reply-to), by the token in their address.
    var replyChannels: [String: ClientChannel] = [:]
    /// Why publishers are blocked, if they are.
    public private(set) var resourceAlarm: String?
    private var isMemoryAlarmRaised = false

    // What the burst has left to do.
    var connectionsToFlush: [ClientConnection] = []
    var connectionsAwaitingDurability: [ClientConnection] = []
    var queuesToDeliver: [Queue] = []
    var queuesToSettle: [Queue] = []
    var pendingDeadLetters: [PendingDeadLetter] = []
    var isSyncWanted = false
    var enqueuesInTurn = 0
    var yieldedConnections: [ClientConnection] = []
    private var groupDepth = 0
    private var groupStart = 0

    /// The other half of each list above: a list that is worked through is exchanged for its empty spare, so that work
    /// that comes up meanwhile has a place, and no memory is allocated.
    private struct SpareLists {
        var connections: [ClientConnection] = []
        var queues: [Queue] = []
        var deadLetters: [PendingDeadLetter] = []
    }
    private var spare = SpareLists()

    /// Moves with every burst.
    public private(set) var burstNumber: UInt64 = 0
    // Read once a burst.
    public private(set) var nowNanoseconds: UInt64
    public private(set) var nowMilliseconds: UInt64

    /// Opens the data directory and recovers what it holds; makes the virtual host `/` and the user `guest` in a new
    /// one.
    ///
    /// - Parameter notify: called, on the log's writer thread or on the core's loop, when the core has more to do; the
    ///   owner then calls `logProgressed` in a turn of its own of the core's loop.
    /// - Throws: `StorageError` if the directory can't be used.
    public init(
        configuration: BrokerConfiguration,
        exchangeTypes: ExchangeTypes = ExchangeTypes(),
        logger: Logger,
        clock: any BrokerClock = SystemClock(),
        disk: any Disk = FileDisk(),
        notify: @escaping @Sendable () -> Void
    ) throws(StorageError) {
        self.configuration = configuration
        self.logger = logger
        self.clock = clock
        self.notify = notify
        self.exchangeTypes = exchangeTypes
        self.nowNanoseconds = clock.monotonicNanoseconds()
        self.nowMilliseconds = clock.wallMilliseconds()
        var logConfiguration = SegmentLog.Configuration()
        logConfiguration.sync = configuration.sync
        var recovery = Recovery(logger: logger)
        log = try SegmentLog.open(
            directory: configuration.dataDirectory,
            configuration: logConfiguration,
            disk: disk,
            notify: notify,
            replay: { recovery.replay($0) }
        )
        log.recovery.report(to: logger)
        messages = MessageStore(log: log)
        journal = TopologyJournal(log: log, records: recovery.topologyPositions)
        access = AccessControl(journal: journal, loopbackUsers: configuration.loopbackUsers)
        recovery.restore(into: self)
        log.finishRecovery()
        append(.start, payloadCount: 0) { _ in }
    }

    /// Makes the virtual host `/` and the user guest/guest, administrator, if there is no user yet: what RabbitMQ does
    /// on a blank node that is given no definitions.
    public func createDefaults() {
        guard access.isEmpty else { return }
        // One group: a start that a crash cuts short must not leave a user without permissions behind.
        asOneGroup {
            addVirtualHost("/", description: "Default virtual host")
            access.put(User(name: "guest", password: PasswordHash(hashing: "guest"), tags: ["administrator"]))
            access.setPermission(.all, user: "guest", virtualHost: "/")
        }
    }

    // MARK: Virtual hosts

    public func addVirtualHost(_ name: String, description: String = "") {
        guard virtualHosts[name] == nil else { return }
        virtualHosts[name] = VirtualHost(name: name, description: description, core: self)
        journal.put(.virtualHost(name), ["description": .string(description)])
    }

    // MARK: The burst

    /// Ends a turn of the core's loop: dead letters move, consumers get what is ready, the log is handed to its writer,
    /// confirms that need not wait go out, and every connection with output is flushed once.
    public func endBurst() {
        runQueues()
        writeSettles()
        journal.relocateIfNeeded()
        log.flush(syncWanted: isSyncWanted)
        isSyncWanted = false
        releaseDurable()
        checkMemory()
        flushConnections()
        // A flush may have made room for more deliveries: those belong to a turn of their own, after the others'.
        if !queuesToDeliver.isEmpty { notify() }
        burstNumber += 1
        beginNextTurn()
        readClock()
    }

    /// Delivers and moves dead letters until nothing is left to do. Also called before a queue's state is shown to a
    /// client, which must see what it sent before in the same burst.
    public func runQueues() {
        while !queuesToDeliver.isEmpty || !pendingDeadLetters.isEmpty {
            swap(&queuesToDeliver, &spare.queues)
            for queue in spare.queues { queue.deliverReady() }
            spare.queues.removeAll(keepingCapacity: true)
            moveDeadLetters()
        }
    }

    /// Those that come up meanwhile wait for the next call.
    private func moveDeadLetters() {
        swap(&pendingDeadLetters, &spare.deadLetters)
        for letter in spare.deadLetters {
            letter.queue.virtualHost.deadLetter(letter.entry, from: letter.queue, reason: letter.reason)
        }
        spare.deadLetters.removeAll(keepingCapacity: true)
    }

    /// The log's writer made progress (`notify`).
    public func logProgressed() {
        readClock()
        // `poll` hands the writer what the turn under way has appended. What the turn has settled and rejected belongs to
        // that: once a message is confirmed, what its connection sent before it is durable as well.
        runQueues()
        writeSettles()
        log.poll()
        endBurst()
    }

    // MARK: Fairness

    /// How many messages may be put into queues in one turn: some milliseconds' worth. A publish to a thousand queues
    /// counts a thousand.
    private static let enqueuesPerTurnMax = 20_000

    /// Whether this turn has done its share of work. Connections then leave what they have received for the next turn, so
    /// that a flood, or a fan-out to very many queues, holds nobody up for longer.
    public var isTurnSpent: Bool { enqueuesInTurn >= Self.enqueuesPerTurnMax }

    private func beginNextTurn() {
        enqueuesInTurn = 0
        guard !yieldedConnections.isEmpty else { return }
        swap(&yieldedConnections, &spare.connections)
        for connection in spare.connections { connection.turnBegan() }
        spare.connections.removeAll(keepingCapacity: true)
    }

    /// Reads the clock; the first call of every turn of the loop.
    public func readClock() {
        nowNanoseconds = clock.monotonicNanoseconds()
        nowMilliseconds = clock.wallMilliseconds()
    }

    private func releaseDurable() {
        guard !connectionsAwaitingDurability.isEmpty else { return }
        swap(&connectionsAwaitingDurability, &spare.connections)
        for connection in spare.connections {
            connection.waitsForDurability = false
            connection.durabilityAdvanced()
        }
        spare.connections.removeAll(keepingCapacity: true)
    }

    private func flushConnections() {
        while !connectionsToFlush.isEmpty {
            swap(&connectionsToFlush, &spare.connections)
            for connection in spare.connections {
                connection.isMarkedForFlush = false
                connection.flush()
            }
            spare.connections.removeAll(keepingCapacity: true)
        }
    }

    // MARK: Durability

    /// The end of the log as it is now: what was recorded so far is durable once `isDurable` says so of it.
    public var logTail: LogPosition { log.tail }

    public func isDurable(_ position: LogPosition) -> Bool { log.durable >= position }

    /// Runs changes that the log must hold all or none of, and moves what they reject: that belongs to them.
    public func asOneGroup(_ body: () -> Void) {
        recordAsGroup {
            body()
            moveDeadLetters()
        }
    }

    /// Runs changes that the log must hold all or none of. May be called within another group, and is a part of that.
    func recordAsGroup(_ body: () -> Void) {
        if groupDepth == 0 {
            writeSettles()
            append(.groupBegin, payloadCount: 0) { _ in }
            groupStart = log.statistics.recordsAppended
        }
        groupDepth += 1
        body()
        groupDepth -= 1
        if groupDepth == 0 {
            writeSettles()
            let count = UInt64(log.statistics.recordsAppended - groupStart)
            append(.groupEnd, payloadCount: 8) { $0.storeBytes(of: count.littleEndian, as: UInt64.self) }
        }
    }

    /// Writes one settle record for each queue that messages left for good since the last time.
    private func writeSettles() {
        guard !queuesToSettle.isEmpty else { return }
        for queue in queuesToSettle where !queue.settledRanges.isEmpty {
            let ranges = queue.settledRanges
            queue.settledRanges.removeAll(keepingCapacity: true)
            append(.settle, payloadCount: 8 + ranges.count * 16) { payload in
                payload.storeBytes(of: queue.id.littleEndian, as: UInt64.self)
                for (index, range) in ranges.enumerated() {
                    let offset = 8 + index * 16
                    let count = range.upperBound - range.lowerBound
                    payload.storeBytes(of: range.lowerBound.littleEndian, toByteOffset: offset, as: UInt64.self)
                    payload.storeBytes(of: count.littleEndian, toByteOffset: offset + 8, as: UInt64.self)
                }
            }
        }
        queuesToSettle.removeAll(keepingCapacity: true)
    }

    private func append(_ kind: RecordKind, payloadCount: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
        _ = log.append(kind: kind.rawValue, payloadCount: payloadCount, references: 0, fill: fill)
    }

    // MARK: Timers

    /// When `runTimers` is to be called next, monotonic; `nil` for not at all.
    public var nextDeadlineNanoseconds: UInt64? { timers.nextDeadlineNanoseconds }

    public func schedule(_ handler: any TimerHandler, atNanoseconds deadline: UInt64) {
        timers.schedule(.handler(handler), atNanoseconds: deadline)
    }

    /// Wakes whoever is due. The caller ends the burst afterwards.
    public func runTimers() {
        readClock()
        while let target = timers.popDue(nowNanoseconds) {
            switch target {
            case .queueExpiry(let queue):
                queue.scheduledExpiryMilliseconds = .max
                queue.expireHeads()
            case .queueUnused(let queue): queue.expireIfUnused()
            case .handler(let handler): handler.timerFired(nowNanoseconds: nowNanoseconds)
            }
        }
    }

    // MARK: Connections

    func makeConnectionID() -> UInt64 {
        defer { nextConnectionID += 1 }
        return nextConnectionID
    }

    public func register(_ connection: ClientConnection) {
        connections[connection.id] = connection
    }

    /// The connection is gone: so are its exclusive queues. Its channels have given back what they held.
    public func unregister(_ connection: ClientConnection) {
        connections[connection.id] = nil
        for queue in connection.exclusiveQueues { queue.virtualHost.delete(queue) }
        connection.exclusiveQueues = []
    }

    /// Ends every connection with 320 CONNECTION_FORCED and this text.
    public func closeAllConnections(reason: String) {
        for connection in connections.values {
            connection.forceClose(.connection(.connectionForced, reason))
        }
        flushConnections()
    }

    /// Blocks all publishers (connection.blocked, and no more reading from them), or lets them go on with `nil`.
    public func setResourceAlarm(_ reason: String?) {
        guard reason != resourceAlarm else { return }
        resourceAlarm = reason
        for connection in connections.values { connection.resourceAlarmChanged(reason) }
    }

    /// Raises or lowers the memory alarm. Lowered with some room, so that it does not flutter.
    private func checkMemory() {
        let bytes = messages.residentByteCount
        let limit = configuration.messageMemoryBytesMax
        if !isMemoryAlarmRaised, bytes > limit {
            isMemoryAlarmRaised = true
            logger.warning(
                "messages take more memory than they may: publishers are blocked",
                metadata: ["bytes": "\(bytes)", "limit": "\(limit)"])
            setResourceAlarm("low on memory")
        } else if isMemoryAlarmRaised, bytes < limit - limit / 8 {
            isMemoryAlarmRaised = false
            logger.warning("memory is below its limit again: publishers go on")
            setResourceAlarm(nil)
        }
    }

    /// Syncs and closes the log. Nothing may be called afterwards.
    public func close() {
        runQueues()
        writeSettles()
        log.close()
    }

    // MARK: Names

    func takeQueueID() -> UInt64 {
        defer { nextQueueID += 1 }
        return nextQueueID
    }

    func makeQueueName() -> String { queueNames.next() }

    /// Text that nobody can guess, for consumer tags and addresses.
    public func makeToken() -> String { queueNames.token(characters: 22) }

    // MARK: Direct reply-to

    /// Lets replies reach the channel.
    /// - Returns: the token that stands in the address of its requests.
    public func registerReplyChannel(_ channel: ClientChannel) -> String {
        let token = makeToken()
        replyChannels[token] = channel
        return token
    }

    public func unregisterReplyChannel(_ token: String) { replyChannels[token] = nil }

    public func replyChannel(_ token: String) -> ClientChannel? { replyChannels[token] }
}
