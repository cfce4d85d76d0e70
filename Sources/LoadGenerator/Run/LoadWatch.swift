import NIOCore

/// Watches a run from its start to its end, and reckons what it has come to.
struct LoadWatch {
    /// How often it looks.
    private static let lookInterval = Duration.milliseconds(25)
    private static let memoryLookNanoseconds: UInt64 = 100_000_000
    private static let progressNanoseconds: UInt64 = 1_000_000_000
    /// How long nothing may move, once all is published, before the broker counts as stuck.
    private static let stuckNanoseconds: UInt64 = 60_000_000_000
    /// How long a run that was stopped may take to come to rest.
    private static let stopNanoseconds: UInt64 = 5_000_000_000

    private let plan: LoadPlan
    private let fleet: LoadFleet
    private let board: RunBoard
    private let stop: LoadStop
    private let onProgress: (@Sendable (LoadProgress) -> Void)?

    private var start: UInt64 = 0
    private var stopDeadline: UInt64?
    private var isWarmingUp = true
    /// What there was when measuring began.
    private var base = LoadBaseline()
    private var now: UInt64 = 0
    private var totals = LoadTotals()
    private var lastDelivered = 0
    private var lastDeliveryChange: UInt64 = 0
    private var lastMoved = 0
    private var lastMove: UInt64 = 0
    private var missing = 0

    private var residentMax = 0.0
    private var nextMemoryLook: UInt64 = 0
    private var nextProgress: UInt64 = 0
    private var lastProgress: (time: UInt64, totals: LoadTotals) = (0, LoadTotals())

    init(
        _ plan: LoadPlan, _ fleet: LoadFleet, board: RunBoard, stop: LoadStop,
        onProgress: (@Sendable (LoadProgress) -> Void)?
    ) {
        self.plan = plan
        self.fleet = fleet
        self.board = board
        self.stop = stop
        self.onProgress = onProgress
    }

    /// Starts the load, and returns when it has ended. The connections are still open then.
    mutating func run() async throws -> LoadResult {
        start = NIODeadline.now().uptimeNanoseconds
        now = start
        (lastDeliveryChange, lastMove) = (start, start)
        if plan.warmUpSeconds == 0 { try await beginMeasuring() }
        nextProgress = start + Self.progressNanoseconds
        lastProgress.time = start
        fleet.begin(at: start)
        repeat {
            // A task that is cancelled sleeps no more; the run is stopped then.
            try? await Task.sleep(for: Self.lookInterval)
            now = NIODeadline.now().uptimeNanoseconds
            if isWarmingUp, seconds(since: start) >= plan.warmUpSeconds { try await beginMeasuring() }
            totals = fleet.snapshot()
            lookAtMemory()
            if now >= nextProgress { try await reportProgress() }
        } while !isOver()
        return try await LoadReckoning(plan, fleet, base: base, end: makeEnd()).result()
    }

    private func seconds(since time: UInt64) -> Double { Double(now - min(time, now)) / 1e9 }

    private mutating func beginMeasuring() async throws {
        isWarmingUp = false
        base.time = now
        base.totals = fleet.snapshot()
        base.loopProcessorSeconds = []
        for loop in fleet.loops { base.loopProcessorSeconds.append(try await loop.reset()) }
        base.clientProcessorSeconds = ProcessUsage.ownProcessorSeconds()
        base.broker = plan.brokerProcessID.flatMap { ProcessUsage.read(processID: $0) }
        residentMax = base.broker?.residentMebibytes ?? 0
    }

    private func makeEnd() -> LoadReckoning.End {
        LoadReckoning.End(
            time: now, missing: missing, residentMebibytesMax: residentMax, wasStopped: stopDeadline != nil,
            failure: board.failure)
    }

    // MARK: The end

    private mutating func isOver() -> Bool {
        if board.failure != nil { return true }
        if stopDeadline == nil, stop.isRequested || Task.isCancelled {
            stopDeadline = now + Self.stopNanoseconds
            fleet.stopProducers()
            if plan.producers == 0 { return true }
        }
        if let stopDeadline, now >= stopDeadline { return true }
        if totals.delivered != lastDelivered {
            lastDelivered = totals.delivered
            lastDeliveryChange = now
        }
        guard fleet.areProducersDone else {
            // Quiet counts only once all is published.
            lastDeliveryChange = now
            noticeStuckBroker()
            return false
        }
        if plan.consumers == 0 { return true }
        // A producer may have published more since this look began.
        totals = fleet.snapshot()
        let expected = expectedDeliveries
        let own = totals.delivered - totals.foreign
        if let expected, own >= expected { return true }
        if plan.producers == 0, let limit = plan.seconds, seconds(since: start) >= plan.warmUpSeconds + limit {
            return true
        }
        guard seconds(since: lastDeliveryChange) >= plan.idleSeconds else { return false }
        if let expected { missing = expected - own }
        return true
    }

    private var expectedDeliveries: Int? {
        guard plan.producers > 0 else { return plan.messageCount }
        return plan.deliveriesPerMessage.map { $0 * (totals.published - totals.nacked - totals.returned) }
    }

    private mutating func noticeStuckBroker() {
        let moved = totals.published + totals.confirmed + totals.nacked + totals.delivered
        let isAllPublished =
            totals.published == plan.messageCount
            || plan.seconds.map { seconds(since: start) >= plan.warmUpSeconds + $0 } ?? false
        guard isAllPublished, moved == lastMoved else {
            lastMoved = moved
            lastMove = now
            return
        }
        guard now - lastMove >= Self.stuckNanoseconds else { return }
        let limit = Self.stuckNanoseconds / 1_000_000_000
        let unconfirmed = plan.confirmWindow == nil ? "" : ", \(self.unconfirmed) publishes are not confirmed"
        board.fail(.broker("the broker has not moved for \(limit) s since the last publish\(unconfirmed)"))
    }

    private var unconfirmed: Int {
        plan.confirmWindow == nil ? 0 : totals.published - totals.confirmed - totals.nacked
    }

    // MARK: On the way

    private mutating func lookAtMemory() {
        guard let processID = plan.brokerProcessID, now >= nextMemoryLook else { return }
        nextMemoryLook = now + Self.memoryLookNanoseconds
        residentMax = max(residentMax, ProcessUsage.read(processID: processID)?.residentMebibytes ?? 0)
    }

    private mutating func reportProgress() async throws {
        nextProgress += Self.progressNanoseconds
        guard let onProgress else { return }
        var delivery = LatencySample()
        var confirm = LatencySample()
        for loop in fleet.loops {
            let recent = try await loop.takeRecent()
            delivery.add(recent.delivery)
            confirm.add(recent.confirm)
        }
        let interval = seconds(since: lastProgress.time)
        let last = lastProgress.totals
        let fromStart = Double(now - start) / 1e9
        onProgress(
            LoadProgress(
                seconds: fromStart - plan.warmUpSeconds,
                publishRate: Double(totals.published - last.published) / interval,
                confirmRate: Double(totals.confirmed - last.confirmed) / interval,
                deliveryRate: Double(totals.delivered - last.delivered) / interval, unconfirmed: unconfirmed,
                latency: delivery.summary, confirmLatency: confirm.summary, blocked: totals.blocked))
        lastProgress = (now, totals)
    }
}
