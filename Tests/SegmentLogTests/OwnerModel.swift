@testable import SegmentLog

/// A small owner of a log, as a broker is one: messages that several targets hold, settles, topology, checkpoints, and
/// records that are moved out of segments that are mostly dead.
final class OwnerModel {
    /// A message as one target holds it.
    struct Place: Hashable, Comparable {
        let id: UInt32
        let target: UInt8

        static func < (left: Place, right: Place) -> Bool { (left.id, left.target) < (right.id, right.target) }
    }

    struct Entry: Equatable {
        var position: LogPosition
        var share: Int
        /// Where it was when it was handed out; nil while it is not.
        var name: LogPosition?
    }

    struct Topology {
        var position: LogPosition
        var share: Int
        var value: [UInt8]
    }

    enum Kind: UInt8 {
        case message = 1
        case settle = 2
        case topology = 3
        case standing = 4
    }

    static let targetCount: UInt8 = 4

    let disk: FaultyDisk
    let cache: PageCache
    let log: SegmentLog
    var entries: [Place: Entry] = [:]
    var topology: [UInt8: Topology] = [:]
    /// Targets whose settles stand in a segment, by its number.
    var carried: [Int: Set<UInt8>] = [:]
    var nextID: UInt32 = 1
    /// Everything that was appended.
    var written: [LogPosition: TestRecord] = [:]
    /// Positions of what the last start read, in its order.
    var replayed: [LogPosition] = []
    private(set) var usedCheckpoint = false
    private(set) var checkpointsWritten = 0
    private var checkpoint: SegmentLog.Checkpoint?
    private let waiter = TestWaiter()

    var jobs: DiskJobs { cache.jobs }

    // MARK: The start

    /// Opens what is on the disk, and becomes what it says.
    init(
        disk: FaultyDisk, configuration: SegmentLog.Configuration, cacheByteCount: Int = 4096,
        replaying: (TestRecord) -> Void = { _ in }
    ) throws {
        self.disk = disk
        cache = TestLog.makeCache(byteCountMax: cacheByteCount)
        log = try SegmentLog.open(
            directory: TestLog.directory, configuration: configuration, cache: cache, disk: disk, notify: {})
        let found = try log.readCheckpoint()
        if let found {
            usedCheckpoint = true
            var decoder = CheckpointDecoder(found.bytes)
            try decode(&decoder)
        } else {
            log.prepareSegments()
        }
        var records: [TestRecord] = []
        try log.replay(from: found?.position) { records.append(TestRecord($0)) }
        for record in records {
            replaying(record)
            replayed.append(record.position)
            written[record.position] = record
            replay(record)
        }
        log.finishRecovery()
    }

    private func replay(_ record: TestRecord) {
        var decoder = CheckpointDecoder(record.payload)
        do {
            switch Kind(rawValue: record.kind) {
            case .message: try replayMessage(record, &decoder)
            case .settle:
                while !decoder.isAtEnd { settleRestored(try Self.place(from: &decoder), by: record) }
            case .topology: replayTopology(record)
            case .standing:
                let target: UInt8 = try decoder.read()
                let end: UInt32 = try decoder.read()
                nextID = max(nextID, end)
                // What it speaks of may have been settled before a checkpoint already, and still stand in old segments.
                noteRestored(.zero, target, by: record)
                var stood: Set<UInt32> = []
                while !decoder.isAtEnd { stood.insert(try decoder.read()) }
                for place in entries.keys.sorted() where place.target == target && place.id < end {
                    if !stood.contains(place.id) { settleRestored(place, by: record) }
                }
            case nil: break
            }
        } catch {
            preconditionFailure("a record that was not written")
        }
    }

    private func replayMessage(_ record: TestRecord, _ decoder: inout CheckpointDecoder) throws {
        let (id, targets, _) = try Self.message(from: record.payload)
        nextID = max(nextID, id + 1)
        let share = Self.share(of: record, among: targets.count)
        for target in targets {
            let place = Place(id: id, target: target)
            if let old = entries[place] {
                log.releaseRestored(old.position, share: old.share)
                noteRestored(old.position, target, by: record)
            }
            entries[place] = Entry(position: record.position, share: share)
            log.restoreReferences(at: record.position, count: 1, share: share)
        }
    }

    private func settleRestored(_ place: Place, by record: TestRecord) {
        guard let entry = entries.removeValue(forKey: place) else { return }
        log.releaseRestored(entry.position, share: entry.share)
        noteRestored(entry.position, place.target, by: record)
    }

    private func noteRestored(_ position: LogPosition, _ target: UInt8, by record: TestRecord) {
        guard log.segmentNumber(of: position) < log.segmentNumber(of: record.position) else { return }
        log.noteRestoredSettle(of: position, by: record.position)
        carried[log.segmentNumber(of: record.position), default: []].insert(target)
    }

    private func replayTopology(_ record: TestRecord) {
        let key = record.payload[0]
        if let old = topology[key] { log.releaseRestored(old.position, share: old.share, pinned: true) }
        topology[key] = Topology(position: record.position, share: record.byteCount, value: record.payload)
        log.restoreReferences(at: record.position, count: 1, share: record.byteCount, pinned: true)
    }

    // MARK: Work

    private func append(
        _ kind: Kind, _ payload: [UInt8], references: Int, share: Int = 0, pinned: Bool = false
    ) -> TestRecord {
        var record = TestRecord(kind: kind.rawValue, flags: UInt16(payload.count & 0xFF), payload: payload)
        record.position = log.append(
            kind: kind.rawValue, flags: record.flags, payloadCount: payload.count, references: references,
            share: share, pinned: pinned
        ) { $0.copyBytes(from: payload) }
        written[record.position] = record
        return record
    }

    @discardableResult
    func publish(_ body: [UInt8], to targets: [UInt8]) -> TestRecord {
        let id = nextID
        nextID += 1
        return appendMessage(id, targets, body)
    }

    private func appendMessage(_ id: UInt32, _ targets: [UInt8], _ body: [UInt8]) -> TestRecord {
        var encoder = CheckpointEncoder()
        encoder.append(id)
        encoder.append(UInt8(targets.count))
        let payload = encoder.bytes + targets + body
        let share = Self.share(of: TestRecord(payload: payload), among: targets.count)
        let record = append(.message, payload, references: targets.count, share: share)
        for target in targets {
            let name = entries[Place(id: id, target: target)]?.name
            entries[Place(id: id, target: target)] = Entry(position: record.position, share: share, name: name)
        }
        return record
    }

    /// Settles some messages with one record.
    @discardableResult
    func settle(_ places: [Place]) -> TestRecord {
        var encoder = CheckpointEncoder()
        for place in places {
            encoder.append(place.id)
            encoder.append(place.target)
        }
        let record = append(.settle, encoder.bytes, references: 0)
        for place in places {
            guard let entry = entries.removeValue(forKey: place) else { continue }
            noteSettled(entry.position, place.target)
            log.release(entry.name ?? entry.position, share: entry.share)
        }
        return record
    }

    private func noteSettled(_ position: LogPosition, _ target: UInt8) {
        if let segment = log.noteSettled(position) { carried[segment, default: []].insert(target) }
    }

    func take(_ place: Place) {
        let position = entries[place]?.position
        entries[place]?.name = position
    }

    func putBack(_ place: Place) {
        if let name = entries[place]?.name { log.forgetName(name) }
        entries[place]?.name = nil
    }

    @discardableResult
    func putTopology(_ key: UInt8, _ value: [UInt8]) -> TestRecord {
        let old = topology[key]
        let record = TestRecord(payload: [key] + value)
        let written = append(.topology, record.payload, references: 1, share: record.byteCount, pinned: true)
        topology[key] = Topology(position: written.position, share: record.byteCount, value: record.payload)
        if let old { log.release(old.position, share: old.share, pinned: true) }
        return written
    }

    // MARK: Keeping house

    /// Moves one page's records, if there is something to move and it is in memory.
    ///
    /// - Returns: whether a page was moved.
    @discardableResult
    func moveSome() -> Bool {
        guard let page = log.pageToMove(for: waiter) else { return false }
        log.moveRecords(ofPage: page) {
            Kind(rawValue: $0.kind) == .message || Kind(rawValue: $0.kind) == .topology
        } _: { records in
            for record in records {
                if Kind(rawValue: record.kind) == .message {
                    move(TestRecord(record))
                } else if topology[record.payload[0]]?.position == record.position {
                    putTopology(record.payload[0], Array(record.payload.dropFirst()))
                }
            }
        }
        log.hasMovedRecords(ofPage: page)
        return true
    }

    private func move(_ record: TestRecord) {
        guard let (id, targets, body) = try? Self.message(from: record.payload) else { return }
        let holders = targets.filter { entries[Place(id: id, target: $0)]?.position == record.position }
        guard !holders.isEmpty else { return }
        let old = holders.compactMap { entries[Place(id: id, target: $0)] }
        let moved = appendMessage(id, holders, body)
        // A start that read the old record and not this one would take it for a message that is there.
        for (target, entry) in zip(holders, old) {
            noteSettled(record.position, target)
            log.release(record.position, share: entry.share)
        }
        log.forward(
            record.position, to: moved.position, share: Self.share(of: moved, among: holders.count),
            names: old.filter { $0.name != nil }.count)
    }

    /// Says anew what dead segments say of older ones.
    func carry() {
        for number in log.takeSegmentsToCarry() {
            for target in (carried.removeValue(forKey: number) ?? []).sorted() {
                var encoder = CheckpointEncoder()
                encoder.append(target)
                encoder.append(nextID)
                for place in entries.keys.sorted() where place.target == target { encoder.append(place.id) }
                _ = append(.standing, encoder.bytes, references: 0)
                if let segment = log.noteCarried(from: number) { carried[segment, default: []].insert(target) }
            }
            log.hasCarried(number)
        }
    }

    /// The next step of a checkpoint, if one is under way.
    func continueCheckpoint() {
        guard let content = checkpoint else { return }
        guard log.forcedDurable >= content.position else { return log.forceSync() }
        checkpoint = nil
        log.writeCheckpoint(content) { [weak self] error in
            if error == nil { self?.checkpointsWritten += 1 }
        }
    }

    func beginCheckpoint() {
        guard checkpoint == nil, log.tail > .zero else { return }
        checkpoint = SegmentLog.Checkpoint(position: log.tail, bytes: encode())
        log.forceSync()
    }

    /// Everything that is under way is done, and everything that can be made room for is.
    func settleDown() {
        for _ in 0..<1000 {
            let tail = log.tail
            let segments = log.statistics.segments
            log.flush(syncWanted: true)
            repeat { log.poll() } while log.durable < log.tail
            jobs.drain()
            carry()
            let hasMoved = moveSome()
            continueCheckpoint()
            cache.trim(tail: log.tail)
            if !hasMoved, log.tail == tail, log.statistics.segments == segments, jobs.pendingCount == 0,
                checkpoint == nil, log.pageToMove(for: waiter) == nil
            {
                return
            }
        }
    }

    /// What a message's record holds, by the position that its holder knows; nil if it is lost.
    func body(of entry: Entry) -> [UInt8]? {
        log.bytes(at: entry.name ?? entry.position).flatMap { try? Self.message(from: $0).body }
    }

    // MARK: Bytes

    static func share(of record: TestRecord, among count: Int) -> Int { record.byteCount / max(1, count) & ~7 }

    static func message(from payload: [UInt8]) throws -> (id: UInt32, targets: [UInt8], body: [UInt8]) {
        var decoder = CheckpointDecoder(payload)
        let id: UInt32 = try decoder.read()
        let count = Int(try decoder.read(UInt8.self))
        return (id, Array(payload[5..<5 + count]), Array(payload[(5 + count)...]))
    }

    private static func place(from decoder: inout CheckpointDecoder) throws(CheckpointDecoder.Malformed) -> Place {
        Place(id: try decoder.read(), target: try decoder.read())
    }

    private func encode() -> [UInt8] {
        var encoder = CheckpointEncoder()
        log.encodeSegments(into: &encoder)
        encoder.append(nextID)
        encoder.append(UInt64(entries.count))
        for (place, entry) in entries {
            encoder.append(place.id)
            encoder.append(place.target)
            encoder.append(entry.position.rawValue)
            encoder.append(UInt64(entry.share))
        }
        encoder.append(UInt64(topology.count))
        for placed in topology.values {
            encoder.append(placed.position.rawValue)
            encoder.append(UInt64(placed.value.count))
            placed.value.withUnsafeBytes { encoder.append($0) }
        }
        encoder.append(UInt64(carried.count))
        for (segment, targets) in carried {
            encoder.append(UInt64(segment))
            encoder.append(UInt64(targets.count))
            for target in targets { encoder.append(target) }
        }
        return encoder.bytes
    }

    private func decode(_ decoder: inout CheckpointDecoder) throws {
        try log.prepareSegments(from: &decoder)
        nextID = try decoder.read()
        for _ in 0..<(try decoder.readCount(of: 21)) {
            let place = try Self.place(from: &decoder)
            entries[place] = Entry(
                position: LogPosition(rawValue: try decoder.read()), share: Int(try decoder.read(UInt64.self)))
        }
        for _ in 0..<(try decoder.readCount(of: 16)) {
            let position = LogPosition(rawValue: try decoder.read())
            var value: [UInt8] = []
            for _ in 0..<(try decoder.readCount(of: 1)) { value.append(try decoder.read()) }
            topology[value[0]] = Topology(
                position: position, share: TestRecord(payload: value).byteCount, value: value)
        }
        for _ in 0..<(try decoder.readCount(of: 16)) {
            let segment = Int(try decoder.read(UInt64.self))
            for _ in 0..<(try decoder.readCount(of: 1)) { carried[segment, default: []].insert(try decoder.read()) }
        }
        guard decoder.isAtEnd else { throw CheckpointDecoder.Malformed() }
    }
}
