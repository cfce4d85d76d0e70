import AMQPProtocol
import Definitions
import DequeModule
import Logging
import SegmentLog

/// The broker: virtual hosts, users, the message store, timers. No sockets and no threads of its own but the log's
/// writer; all calls come from one thread, the core's loop, in bursts that `endBurst` ends.
public final class BrokerCore {
    public let configuration: BrokerConfiguration
    public let logger: Logger
    /// Largest body that is taken, in bytes: as configured, and at most what half a segment of the log holds.
    public private(set) var messageBytesMax = 0
    public let access: AccessControl
    /// What plugins have added.
    let extensions: BrokerExtensions
    public internal(set) var virtualHosts: [WireName: VirtualHost] = [:]
    /// Policies, operator policies and other parameters from definition files, by component: kept and written back.
    public internal(set) var parameters: [ParameterKey: FieldValue] = [:]

    let messages: MessageStore
    let journal: TopologyJournal
    let log: SegmentLog
    let cache: PageCache
    let indexes: IndexStore
    private(set) lazy var checkpointer = Checkpointer(core: self, position: log.tail)
    private lazy var mover = RecordMover(core: self)
    private lazy var deadLetterWaiter = DeadLetterWaiter(core: self)
    private(set) lazy var undeliverableRetry = UndeliverableRetry(core: self)
    private(set) lazy var walks = WalkScheduler(core: self)
    /// Moves of messages from queue to queue.
    public private(set) lazy var redrives = RedriveTasks(core: self)
    /// What policies move.
    private(set) lazy var redriveSchedules = RedriveSchedules(core: self)
    /// What somebody is to know of dead letters.
    public private(set) lazy var deadLetterAlerts = DeadLetterAlerts(core: self)
    /// Edits of messages.
    public private(set) lazy var edits = MessageEdits(core: self)
    /// Scheduled messages that are being taken back.
    var cancellations: [ObjectIdentifier: ScheduledCancellation] = [:]
    let deadlines: DeadlineWheel
    private(set) lazy var expiryWaiter = ExpiryWaiter(core: self)
    /// What has been taken out of `deadlines` and is to be seen to, the first one last.
    @exclusivity(unchecked) var duesInHand: [DeadlineWheel.Due] = []
    /// When a timer looks at `deadlines` next.
    @exclusivity(unchecked) var nextExpiryNanoseconds = UInt64.max
    private let clock: any BrokerClock
    private let notify: @Sendable () -> Void
    private let disk: any Disk
    var timers = TimerQueue()

    var nextQueueID: UInt64 = 1
    /// Queues that are there, by the id that records name them by.
    @exclusivity(unchecked) var queuesByID: [UInt64: Queue] = [:]
    /// Queues whose settles stand in a segment and concern older ones, by the segment's number.
    var carriedQueues: [Int: Set<UInt64>] = [:]
    private var nextConnectionID: UInt64 = 1
    var queueNames = QueueNameGenerator()
    /// What a start found of extensions' states, until their owners have been made.
    var restoredStates: [StateOwner: [UInt64: [UInt8]]] = [:]
    /// Filters of what a start found, until they have been told.
    var restoredFilters: [PublishFilter] = []

    /// Moves with every change of exchanges, queues, bindings and policies: what was found out about routes before no longer
    /// holds.
    @exclusivity(unchecked) private(set) var topologyGeneration: UInt64 = 1

    /// Connections that are open, by id.
    public private(set) var connections: [UInt64: ClientConnection] = [:]
    /// Those that timers may be for: also connections that have given everything back and wait for their peers' last word.
    private var timedConnections: [UInt64: ClientConnection] = [:]
    /// Channels that wait for replies (direct reply-to), by the token in their address.
    var replyChannels: [WireName: ClientChannel] = [:]
    /// Why publishers are blocked, if they are.
    @exclusivity(unchecked) public private(set) var resourceAlarm: String?
    var alarms = ResourceAlarms()

    // What the burst has left to do.
    @exclusivity(unchecked) var connectionsToFlush: [ClientConnection] = []
    @exclusivity(unchecked) var connectionsAwaitingDurability: [ClientConnection] = []
    @exclusivity(unchecked) var queuesToDeliver: [Queue] = []
    @exclusivity(unchecked) var queuesToRecord: [Queue] = []
    @exclusivity(unchecked) var pendingDeadLetters = Deque<PendingDeadLetter>()
    /// The first of them is not in memory, and has been asked for.
    var areDeadLettersWaiting = false
    @exclusivity(unchecked) var isSyncWanted = false
    /// Something goes on in a turn of its own, without anybody's asking.
    var wantsTurn = false
    @exclusivity(unchecked) var enqueuesInTurn = 0
    var yieldedConnections: [ClientConnection] = []
    @exclusivity(unchecked) var catchUpShare = CatchUpShare()
    /// What goes on in this turn, since what it waited for is there (`goOnInTurn`).
    var arrivals: [() -> Void] = []
    /// Who waits for the log to be durable up to there, the earliest first (`whenDurable`).
    var answersAwaitingDurability: [(position: LogPosition, body: () -> Void)] = []
    /// The time that turns have taken, as the clock is read at their begins and ends.
    @exclusivity(unchecked) private(set) var busyNanoseconds: UInt64 = 0
    private(set) var isClosed = false
    /// How many queues wait for messages that are not in memory.
    var queuesWaitingForPages = 0
    private var segmentsDeletedBefore = 0

    /// Flags of what is recorded now: `RecordKind.Flag.member` within a group.
    @exclusivity(unchecked) var recordFlags: UInt16 = 0
    /// Queues that got messages in the group.
    var groupQueueIDs: Set<UInt64> = []

    /// The other half of each list above: a list that is worked through is exchanged for its empty spare, so that work
    /// that comes up meanwhile has a place, and no memory is allocated.
    private struct SpareLists {
        var connections: [ClientConnection] = []
        var queues: [Queue] = []
    }
    private var spare = SpareLists()

    /// Moves with every burst.
    @exclusivity(unchecked) public private(set) var burstNumber: UInt64 = 0
    // Read once a burst.
    @exclusivity(unchecked) public private(set) var nowNanoseconds: UInt64
    @exclusivity(unchecked) public private(set) var nowMilliseconds: UInt64
    /// When the burst under way began: what was published in it is not older.
    @exclusivity(unchecked) private(set) var burstBeganMilliseconds: UInt64
    private var hasBurstBegun = false

    /// Opens the data directory and recovers what it holds; makes the virtual host `/` and the user `guest` in a new
    /// one.
    ///
    /// - Parameter notify: called, on the log's writer thread or on the core's loop, when the core has more to do; the
    ///   owner then calls `logProgressed` in a turn of its own of the core's loop.
    /// - Throws: `StorageError` if the directory can't be used.
    public init(
        configuration: BrokerConfiguration,
        extensions: BrokerExtensions = BrokerExtensions(),
        logger: Logger,
        clock: any BrokerClock = SystemClock(),
        disk: any Disk = FileDisk(),
        notify: @escaping @Sendable () -> Void
    ) throws(StorageError) {
        self.configuration = configuration
        self.logger = logger
        self.clock = clock
        self.notify = notify
        self.disk = disk
        self.extensions = extensions
        self.nowNanoseconds = clock.monotonicNanoseconds()
        self.nowMilliseconds = clock.wallMilliseconds()
        self.burstBeganMilliseconds = nowMilliseconds
        let found = try DataDirectory.open(configuration, disk: disk, logger: logger, notify: notify)
        let recovery = found.recovery
        log = found.log
        cache = found.cache
        indexes = recovery.store
        deadlines = DeadlineWheel(store: indexes, nowMilliseconds: nowMilliseconds)
        messages = MessageStore(
            log: log, transient: try TransientLog(directory: configuration.dataDirectory, cache: cache, disk: disk))
        recovery.dropStatesOfNobody()
        journal = TopologyJournal(
            log: log, records: recovery.topology.mapValues(\.record),
            states: recovery.states.mapValues { $0.mapValues(\.record) }, tombstones: recovery.tombstones,
            straddling: Array(recovery.straddling.values))
        access = AccessControl(journal: journal, loopbackUsers: configuration.loopbackUsers)
        recovery.restore(into: self)
        log.finishRecovery(isReaping: indexes.isReaping)
        indexes.release = { [messages] entry in
            let entry = QueueEntry(entry, sequence: 0)
            messages.release(entry.handle, share: entry.share)
        }
        log.recovery.report(to: logger)
        // The rest of a record's room is for properties and targets.
        messageBytesMax = min(configuration.messageBytesMax, log.segmentByteCount / 2)
        if messageBytesMax < configuration.messageBytesMax {
            logger.warning(
                "messages are limited by the size of the log's segments, with which the data folder was made",
                metadata: ["bytes": "\(messageBytesMax)"])
        }
        append(.start, payloadCount: 0) { _ in }
        journal.restateGroup()
        tellRestoredFilters()
        cache.trim(tail: log.tail)
        _ = checkpointer
        alarms.check(self, at: nowNanoseconds)
        restoreDeadlines()
        redrives.resumeRestored()
        redriveSchedules.begin()
        edits.resumeRestored()
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

    /// The exchange types that can be declared.
    public var exchangeTypes: ExchangeTypes { extensions.exchangeTypes }

    // MARK: Virtual hosts

    /// Exchanges, queues, bindings or policies are others than before.
    func topologyChanged() {
        topologyGeneration += 1
        undeliverableRetry.topologyChanged()
    }

    public func addVirtualHost(_ name: String, description: String = "") {
        guard virtualHosts[WireName(name)] == nil else { return }
        virtualHosts[WireName(name)] = VirtualHost(name: name, description: description, core: self)
        journal.put(.virtualHost(name), ["description": .string(description)])
    }

    // MARK: The burst

    /// Ends a turn of the core's loop: dead letters move, consumers get what is ready, the log is handed to its writer,
    /// confirms that need not wait go out, and every connection with output is flushed once.
    public func endBurst() {
        runQueues()
        record()
        log.flush(syncWanted: isSyncWanted)
        isSyncWanted = false
        releaseDurable()
        if !answersAwaitingDurability.isEmpty { answerDurable() }
        alarms.check(self, at: nowNanoseconds)
        flushConnections()
        keepHouse()
        burstNumber += 1
        beginNextTurn()
        let begin = nowNanoseconds
        readClock()
        hasBurstBegun = false
        busyNanoseconds &+= nowNanoseconds &- begin
        catchUpShare.endTurn(begin: begin, end: nowNanoseconds)
        // A flush may have made room for more deliveries: those belong to a turn of their own, after the others'.
        if !queuesToDeliver.isEmpty { wantsTurn = true }
    }

    /// What makes room: nobody waits for it, so it comes in small pieces, when the burst's work is done and nothing points
    /// into pages any more.
    private func keepHouse() {
        if indexes.isReaping {
            indexes.reapSome()
            if indexes.isReaping { wantsTurn = cache.jobs.pendingCount == 0 }
        }
        mover.step()
        carry()
        if log.segmentsDeleted != segmentsDeletedBefore {
            segmentsDeletedBefore = log.segmentsDeleted
            journal.dropTombstones()
            if !carriedQueues.isEmpty {
                carriedQueues = carriedQueues.filter { log.hasSegments(in: $0.key..<$0.key + 1) }
            }
        }
        checkpointer.step()
        cache.trim(tail: log.tail)
        for place in log.takeLostRecords() { reportLost(place) }
    }

    /// Whether something is being written that nobody waits for: it ends without `notify`. What follows from its end, such as
    /// memory that comes free, is seen to in the next turn, so there should be one before long.
    public var hasQuietWrites: Bool { log.writesInTheQuiet && log.unwrittenByteCount > 0 }

    private func reportLost(_ place: RecoveryReport.Damage) {
        logger.error(
            "the log is damaged here: a message is lost, the others are not",
            metadata: ["file": "\(place.file)", "offset": "\(place.offset)"])
    }

    /// Delivers and moves dead letters until nothing is left to do. Also called before a queue's state is shown to a
    /// client, which must see what it sent before in the same burst.
    public func runQueues() {
        if expiryWaiter.hasArrived { expireDue() }
        // No fewer than the turn has put into queues: each of those may have driven one out.
        var lettersLeft = max(Self.deadLettersPerTurn, enqueuesInTurn)
        while !queuesToDeliver.isEmpty || (!pendingDeadLetters.isEmpty && !areDeadLettersWaiting && lettersLeft > 0) {
            swap(&queuesToDeliver, &spare.queues)
            for queue in spare.queues { queue.deliverReady() }
            spare.queues.removeAll(keepingCapacity: true)
            lettersLeft -= moveDeadLetters(atMost: lettersLeft)
        }
        if lettersLeft == 0 { wantsTurn = true }
    }

    /// In order, as far as their messages are in memory. Those that come up meanwhile wait for the next call.
    ///
    /// - Returns: how many are dealt with.
    @discardableResult
    func moveDeadLetters(atMost limit: Int = .max) -> Int {
        let count = min(limit, pendingDeadLetters.count)
        var left = count
        while left > 0, !areDeadLettersWaiting, let letter = pendingDeadLetters.first {
            switch letter.queue.virtualHost.deadLetter(letter, waiter: deadLetterWaiter) {
            case .away:
                areDeadLettersWaiting = true
                readDeadLettersAhead()
                return count - left
            case .stays(let cause): letter.queue.keep(letter, cause)
            case .moved: break
            }
            pendingDeadLetters.removeFirst()
            left -= 1
        }
        return count - left
    }

    private func readDeadLettersAhead() {
        for letter in pendingDeadLetters.prefix(256) where !letter.entry.handle.isTransient {
            log.prefetch(letter.entry.handle.position)
        }
    }

    /// The log's writer, or somebody else who works on files, made progress (`notify`).
    public func logProgressed() {
        readClock()
        cache.jobs.poll()
        runArrivals()
        // `poll` hands the writer what the turn under way has appended. What the turn has settled and rejected belongs to
        // that: once a message is confirmed, what its connection sent before it is durable as well.
        runQueues()
        record()
        log.poll()
        endBurst()
    }

    // MARK: Fairness

    /// How many messages may be put into queues in one turn: some milliseconds' worth. A publish to a thousand queues
    /// counts a thousand.
    private static let enqueuesPerTurnMax = 20_000
    /// How many dead letters move before others have their turn: some ten milliseconds' worth.
    private static let deadLettersPerTurn = 4000

    /// Whether this turn has done its share of work. Connections then leave what they have received for the next turn, so
    /// that a flood, or a fan-out to very many queues, holds nobody up for longer.
    ///
    /// Also while the disk does not keep up: what is received then waits until it has caught up.
    public var isTurnSpent: Bool { enqueuesInTurn >= Self.enqueuesPerTurnMax || log.isSaturated }

    private func beginNextTurn() {
        enqueuesInTurn = 0
        // The log's writer brings up the turn in which they go on.
        guard !yieldedConnections.isEmpty, !log.isSaturated else { return }
        swap(&yieldedConnections, &spare.connections)
        for connection in spare.connections { connection.turnBegan() }
        spare.connections.removeAll(keepingCapacity: true)
    }

    /// Reads the clock; the first call of every turn of the loop.
    public func readClock() {
        nowNanoseconds = clock.monotonicNanoseconds()
        nowMilliseconds = clock.wallMilliseconds()
        guard !hasBurstBegun else { return }
        hasBurstBegun = true
        burstBeganMilliseconds = nowMilliseconds
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

    // MARK: Timers

    /// When `runTimers` is to be called next, monotonic; `nil` for not at all.
    public var nextDeadlineNanoseconds: UInt64? {
        if wantsTurn { return 0 }
        guard let catchUp = catchUpShare.nextTurnNanoseconds else { return timers.nextDeadlineNanoseconds }
        return min(catchUp, timers.nextDeadlineNanoseconds ?? .max)
    }

    /// Has `timerFired` called on the connection, if it is still there.
    public func schedule(_ connection: ClientConnection, atNanoseconds deadline: UInt64) {
        timers.schedule(.connection(connection.id), atNanoseconds: deadline)
    }

    /// Wakes whoever is due. The caller ends the burst afterwards.
    public func runTimers() {
        readClock()
        wantsTurn = false
        if !arrivals.isEmpty { runArrivals() }
        while let target = timers.popDue(nowNanoseconds) {
            switch target {
            case .queueExpiry(let id):
                queuesByID[id]?.scheduledExpiryMilliseconds = .max
                queuesByID[id]?.expireHeads()
            case .queueUnused(let id): queuesByID[id]?.expireIfUnused()
            case .connection(let id): timedConnections[id]?.timerFired(nowNanoseconds: nowNanoseconds)
            case .deadlines: expireDue()
            case .undeliverable: undeliverableRetry.run()
            case .walks: walks.run()
            case .redrive(let id): redrives.run(id)
            case .redrivePolicy(let id): redriveSchedules.run(id)
            case .breaker(let id): queuesByID[id]?.resumeIfDue()
            case .alerts: deadLetterAlerts.look()
            case .edits: edits.look()
            case .turn: break
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
        timedConnections[connection.id] = connection
    }

    /// The connection is gone: so are its exclusive queues. Its channels have given back what they held.
    public func unregister(_ connection: ClientConnection) {
        connections[connection.id] = nil
        for queue in connection.exclusiveQueues { queue.virtualHost.delete(queue) }
        connection.exclusiveQueues = []
    }

    /// The connection's socket is closed: no timer is for it any more.
    public func forget(_ connection: ClientConnection) { timedConnections[connection.id] = nil }

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

    /// Writes a last checkpoint, syncs and closes the log. Nothing may be called afterwards.
    public func close() {
        isClosed = true
        giveUpWaiting()
        runQueues()
        record()
        log.flush(syncWanted: false)
        checkpointer.finish()
        log.close()
    }

    /// Waits for everything that is under way on files, and takes it over.
    func waitForDisk() {
        cache.jobs.drain()
        log.waitForWriter()
    }

    /// Bytes that can still be written; nil if the file system does not tell.
    var freeDiskBytes: Int? { try? disk.freeByteCount(at: configuration.dataDirectory) }

    /// Brings up a turn at that time.
    func wakeUp(atNanoseconds deadline: UInt64) { timers.schedule(.turn, atNanoseconds: deadline) }

    func readMonotonicNanoseconds() -> UInt64 { clock.monotonicNanoseconds() }
}
