import AMQPProtocol
import Logging
import SegmentLog

/// The edits of messages that are under way, and those that have been.
///
/// The copy and the link to its original are one group in the log. Where the copy moves, as a dead letter, say, the link follows
/// in one group with the move. That the copy has been acknowledged is looked for now and then, so that nothing of this is on
/// the way of messages: when it is gone from all its places and nobody has said otherwise, the original leaves its queue.
public final class MessageEdits {
    /// Edits under way: some hundred bytes and a look every second each.
    public static let underWayMax = 10_000
    /// Of those that are over, so many are remembered.
    public static let rememberedMax = 1000

    /// From one look to the next: soon after something has happened, and ever more rarely until it does.
    private static let lookNanosecondsMin: UInt64 = 20_000_000
    private static let lookNanosecondsMax: UInt64 = 1_000_000_000

    private unowned let core: BrokerCore
    private var edits: [UInt64: MessageEdit] = [:]
    /// Of edits under way, by where the original is.
    private var originals: [MessageEdit.Place: UInt64] = [:]
    /// And by where copies are.
    private var copies: [MessageEdit.Place: UInt64] = [:]
    private var nextID: UInt64 = 1
    private var isLookScheduled = false
    private var lastChangeNanoseconds: UInt64 = 0

    init(core: BrokerCore) { self.core = core }

    // MARK: Asked for

    /// Publishes an edited copy of a message, stamped with `x-edited-by`, `x-edited-at`, `x-original-queue` and `x-original-id`.
    ///
    /// - Parameters:
    ///   - original: the message, as somebody has looked at it.
    ///   - destination: one of those that messages are moved to.
    ///   - session: of who edits. That they may read from the queue has been checked.
    ///   - then: is called once, on the core's loop, when the copy is durable, or with why there is none.
    /// - Throws: as `RedriveTasks.plan` for a destination that can't be.
    public func begin(
        _ original: BrowsedMessage, of queue: Queue, _ content: EditedContent, to destination: RedriveDestination,
        by session: Session, then: @escaping (Result<MessageEdit, EditError>) -> Void
    ) throws {
        try core.redrives.check(RedriveRequest(destination: destination), session)
        let place = original.id.place
        guard queue.ready.isLive(place) else { return then(.failure(.messageUnknown)) }
        let publisher = EditPublisher(original, of: queue, content, to: destination, session)
        let walk = QueueWalk(queue, .all, from: place, scannedMax: 1, visitor: publisher) {
            [core] result in
            switch result {
            case .failure(let error): then(.failure(.walk(error)))
            case .success:
                let result = publisher.result
                guard case .success = result else { return then(result) }
                core.whenDurable(core.logTail) { then(result) }
            }
        }
        core.walks.begin(walk)
    }

    /// The newest first.
    public func edits(in virtualHost: String) -> [MessageEdit] {
        edits.values.filter { $0.virtualHost.hasSameBytes(as: virtualHost) }.sorted { $0.id > $1.id }
    }

    /// The queues that an edit's copies are in now.
    public func queues(of edit: MessageEdit) -> [String] {
        edit.copies.compactMap { core.queuesByID[$0.queueID]?.name }
    }

    // MARK: Publishing

    /// The edit that is under way of a message; nil if there is none.
    func edit(of entry: QueueEntry, in queue: Queue) -> UInt64? {
        originals.isEmpty ? nil : originals[MessageEdit.Place(queueID: queue.id, sequence: entry.sequence)]
    }

    func checkFree(_ message: WalkedMessage) throws(EditError) {
        let place = MessageEdit.Place(queueID: message.queue.id, sequence: message.entry.sequence)
        if let id = originals[place], let edit = edits[id] { throw .underWay(edit: id, copies: queues(of: edit)) }
        guard originals.count < Self.underWayMax else { throw .tooMany }
    }

    /// - Returns: nil if no queue has taken the copy.
    func publish(_ publication: Publication, as original: WalkedMessage, by session: Session) -> MessageEdit? {
        let host = session.virtualHost
        var edit: MessageEdit?
        core.asOneGroupOfRecords {
            _ = host.enqueue(publication, asking: .none)
            guard !host.lastPlaces.isEmpty else { return }
            let made = MessageEdit(
                id: nextID, virtualHost: host.name, queue: original.queue.name,
                message: MessageID(rawValue: original.entry.sequence), user: session.user.name,
                startedAtMilliseconds: core.nowMilliseconds, queueID: original.queue.id, copies: host.lastPlaces,
                isVolatile: !host.lastWasLogged)
            nextID += 1
            add(made)
            record(made)
            edit = made
        }
        changed()
        return edit
    }

    private func add(_ edit: MessageEdit) {
        edits[edit.id] = edit
        guard edit.status == .underWay else { return }
        originals[edit.original] = edit.id
        for place in edit.copies { copies[place] = edit.id }
    }

    private func record(_ edit: MessageEdit) { core.journal.put(.edit(edit.id), edit.journalTable) }

    // MARK: What becomes of copies

    func isCopy(_ entry: QueueEntry, of queue: Queue) -> Bool {
        !copies.isEmpty && copies[MessageEdit.Place(queueID: queue.id, sequence: entry.sequence)] != nil
    }

    /// A copy moves from one queue to others.
    ///
    /// - Parameter move: moves it, after which the virtual host's `lastPlaces` says where it is.
    func follow(_ entry: QueueEntry, of queue: Queue, _ move: () -> Void) {
        let host = queue.virtualHost
        func moveAndNote() {
            move()
            let place = MessageEdit.Place(queueID: queue.id, sequence: entry.sequence)
            // What has been deleted counts as lost, whatever becomes of it in the bin.
            let bin = host.binIfThere?.id
            copyLeft(place, for: host.lastPlaces.filter { $0.queueID != bin }, isVolatile: !host.lastWasLogged)
        }
        if core.recordFlags == 0 { core.asOneGroupOfRecords(moveAndNote) } else { moveAndNote() }
    }

    /// Messages are dropped: nobody has acknowledged them.
    func dropped(_ entry: QueueEntry, of queue: Queue) {
        guard !copies.isEmpty else { return }
        copyLeft(MessageEdit.Place(queueID: queue.id, sequence: entry.sequence), for: [], isVolatile: false)
    }

    /// All that is ready in the queue is about to be dropped.
    func purged(_ queue: Queue) {
        guard !copies.isEmpty else { return }
        for place in copies.keys.filter({ $0.queueID == queue.id }) {
            let here = QueueLines.Place(sequence: place.sequence)
            guard queue.ready.isLive(here), !queue.ready.lines[here.line].isOut(at: here.number) else { continue }
            copyLeft(place, for: [], isVolatile: false)
        }
    }

    private func copyLeft(_ place: MessageEdit.Place, for places: [MessageEdit.Place], isVolatile: Bool) {
        guard let id = copies.removeValue(forKey: place), var edit = edits[id] else { return }
        edit.copies.removeAll { $0 == place }
        edit.copies += places
        for place in places { copies[place] = id }
        if places.isEmpty { edit.hasLostCopy = true } else { edit.isVolatile = edit.isVolatile || isVolatile }
        edits[id] = edit
        record(edit)
        changed()
    }

    // MARK: Looking

    private func changed() {
        lastChangeNanoseconds = core.nowNanoseconds
        scheduleLook()
    }

    private func scheduleLook() {
        guard !isLookScheduled, !originals.isEmpty else { return }
        isLookScheduled = true
        let quiet = (core.nowNanoseconds - lastChangeNanoseconds) / 8
        let wait = min(max(quiet, Self.lookNanosecondsMin), Self.lookNanosecondsMax)
        core.timers.schedule(.edits, atNanoseconds: core.nowNanoseconds + wait)
    }

    /// The time for a look has come.
    func look() {
        isLookScheduled = false
        for id in originals.values.sorted() {
            guard let edit = edits[id] else { continue }
            look(at: edit)
        }
        scheduleLook()
    }

    private func look(at edit: MessageEdit) {
        var edit = edit
        edit.copies.removeAll { place in
            guard let queue = core.queuesByID[place.queueID] else {
                edit.hasLostCopy = true
                copies[place] = nil
                return true
            }
            guard !queue.ready.isLive(QueueLines.Place(sequence: place.sequence)) else { return false }
            copies[place] = nil
            return true
        }
        edits[edit.id] = edit
        guard edit.copies.isEmpty else { return }
        guard !edit.hasLostCopy else { return end(edit, .copyLost) }
        guard let queue = core.queuesByID[edit.queueID], queue.ready.isLive(edit.message.place) else {
            return end(edit, .done)
        }
        remove(edit, from: queue)
    }

    /// The original leaves its queue, unless a consumer has it in hands, or it has to be read first: then at another look.
    private func remove(_ edit: MessageEdit, from queue: Queue) {
        let place = edit.message.place
        let isOut = queue.ready.lines[place.line].isOut(at: place.number)
        guard let entry = queue.entry(at: place) else { return queue.bring(place, for: LookAgain()) }
        guard !isOut || queue.isUndeliverable(edit.message.rawValue) else { return }
        core.asOneGroupOfRecords {
            if isOut {
                // The set of those that nobody takes finds it gone.
                core.undeliverableRetry.topologyChanged()
            } else {
                queue.take(entry)
            }
            queue.settle(entry)
            end(edit, .done)
        }
    }

    private func end(_ edit: MessageEdit, _ status: MessageEdit.Status) {
        var edit = edit
        edit.status = status
        edit.copies = []
        edit.finishedAtMilliseconds = core.nowMilliseconds
        edits[edit.id] = edit
        originals[edit.original] = nil
        record(edit)
        forgetOldest()
        lastChangeNanoseconds = core.nowNanoseconds
    }

    private func forgetOldest() {
        guard edits.count - originals.count > Self.rememberedMax,
            let oldest = edits.values.filter({ $0.status != .underWay }).map(\.id).min()
        else { return }
        edits[oldest] = nil
        core.journal.delete(.edit(oldest))
    }

    // MARK: After a restart

    /// What a start has found; its record is in the journal.
    func restore(_ id: UInt64, _ table: FieldTable) {
        nextID = max(nextID, id + 1)
        guard let edit = MessageEdit(id: id, journalTable: table) else {
            core.logger.error("an edit of a message can't be read", metadata: ["edit": "\(id)"])
            return
        }
        add(edit)
    }

    func resumeRestored() {
        for edit in edits.values.sorted(by: { $0.id < $1.id }) where edit.status == .underWay && edit.isVolatile {
            for place in edit.copies { copies[place] = nil }
            end(edit, .copyLost)
        }
        changed()
    }
}

/// Waits for a page that is only to be there at the next look.
private final class LookAgain: PageWaiter {
    func pageArrived() {}
}

extension Queue {
    /// Whether a message is a dead letter that nobody takes. Looks through all of those.
    fileprivate func isUndeliverable(_ sequence: UInt64) -> Bool {
        var isFound = false
        undeliverable?.forEach { if $0.sequence == sequence { isFound = true } }
        return isFound
    }
}

extension VirtualHost {
    /// Where the message is that has been enqueued last.
    var lastPlaces: [MessageEdit.Place] {
        targets.buffer.map { MessageEdit.Place(queueID: $0.queueID, sequence: $0.sequence) }
    }
}
