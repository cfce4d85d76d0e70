import AMQPProtocol
import Routing

/// Finds where messages come to that are moved, and writes them as they are then. One for each walk.
final class RedriveRouting {
    private let host: VirtualHost
    private let session: Session
    private let destination: RedriveDestination
    private let redrivenMax: Int
    private let isMove: Bool
    /// How long a message has to live in the bin.
    private let graceMilliseconds: UInt64?
    private var properties: RedrivenProperties
    /// Of the destination, if that names an exchange.
    private let givenExchange: OwnedBytes?
    private let givenKey: OwnedBytes?
    /// The exchange that was looked up last, and what `Session` said of it.
    private var known: (name: [UInt8], exchange: Exchange?, isAllowed: Bool, topology: UInt64, permissions: UInt64)?
    /// Whether the user may send to queues directly, which the default exchange stands for.
    private var mayUseQueues = false
    private var mayUseQueuesAsOf: UInt64?
    /// What a plan has in mind for queues with limits, by their ids.
    private var promised: [UInt64: (messages: Int, bytes: Int)] = [:]

    init(_ request: RedriveRequest, _ stamp: RedriveStamp, _ session: Session) {
        host = session.virtualHost
        self.session = session
        destination = request.destination
        redrivenMax = request.options.redrivenMax
        isMove = stamp.kind == .moved
        if case .bin(let milliseconds) = request.destination {
            graceMilliseconds = milliseconds
        } else {
            graceMilliseconds = nil
        }
        properties = RedrivenProperties(request.options, stamp)
        if case .exchange(let name, let key) = request.destination {
            givenExchange = OwnedBytes(name)
            givenKey = key.map { OwnedBytes($0) }
        } else {
            givenExchange = nil
            givenKey = nil
        }
    }

    /// A message's way, read in place.
    private struct Way {
        var exchange: UnsafeRawBufferPointer
        var key: UnsafeRawBufferPointer
        /// Nil for straight to the queue.
        var router: Exchange?
        var queue: Queue?
        var furtherKeys: [[UInt8]] = []
    }

    /// Calls `body` with the message as it would be moved; its queues are in the virtual host's `collector` then, at least one,
    /// and none refuses it.
    ///
    /// - Parameter edited: what stands in the place of its properties and body.
    /// - Returns: why it can't be moved; nil if `body` was called.
    func with(
        _ message: WalkedMessage, edited: EditedContent.View? = nil, _ body: (Publication) -> Void
    ) -> RedriveCause? {
        let view = message.view
        guard edited != nil || host.core.edits.edit(of: message.entry, in: message.queue) == nil else {
            return .beingEdited
        }
        guard let list = try? PropertyListView(unchecked: view.properties) else { return .unreadable }
        let redriven = max(0, list.headers?.find("x-redriven-count")?.integer ?? 0)
        guard redriven < redrivenMax || !isMove else { return .redrivenTooOften }
        let way: Way
        switch find(message, list) {
        case .success(let found): way = found
        case .failure(let stays): return stays.cause
        }
        // What a client has written into its deaths may be as long as it likes.
        guard max(way.key.count, way.exchange.count) <= QueueSettings.routingKeyBytesMax else { return .unroutable }
        guard edited == nil, let death = deathBytes(of: message) else {
            let source = edited.flatMap { try? PropertyListView(unchecked: $0.properties) } ?? list
            return send(
                message, along: way, with: source, hasOwnDeaths: message.view.hasOwnDeaths, redriven, edited, body)
        }
        return death.withUnsafeBytes { bytes in
            guard let source = try? PropertyListView(unchecked: bytes) else { return .unreadable }
            return send(message, along: way, with: source, hasOwnDeaths: true, redriven, edited, body)
        }
    }

    /// A dead letter that nobody takes has died, but its properties do not tell of it yet: it is moved as its dead-letter
    /// exchange would have had it, without its time to live.
    private func deathBytes(of message: WalkedMessage) -> [UInt8]? {
        guard isMove, !message.queue.isSchedule,
            let death = message.undeliverableDeath?.known(nowMilliseconds: host.core.nowMilliseconds)
        else { return nil }
        let trustsClients = host.core.configuration.clientDeaths == .trust
        return DeadLetter(
            message.view, death, queue: message.queue.name, routingKey: nil, trustsClients: trustsClients)?
            .propertyBytes
    }

    /// Calls `body` with the message, if there is somebody who takes it.
    private func send(
        _ message: WalkedMessage, along way: Way, with source: PropertyListView, hasOwnDeaths: Bool, _ redriven: Int64,
        _ edited: EditedContent.View?, _ body: (Publication) -> Void
    ) -> RedriveCause? {
        let view = message.view
        let expiration = properties.encode(
            source, redrivenCount: redriven, nowSeconds: host.core.nowMilliseconds / 1000)
        guard let checked = try? PropertiesView(validating: properties.bytes) else { return .unreadable }
        var publication = Publication(
            exchange: way.exchange, routingKey: way.key, properties: checked, propertyBytes: properties.bytes,
            body: edited?.body ?? view.body, expirationMilliseconds: graceMilliseconds ?? expiration)
        publication.hasOwnDeaths = hasOwnDeaths
        publication.blindKeyBytes = view.blindKeyBytes
        host.collector.clear()
        if let queue = way.queue {
            host.collector.insert(queue.destination)
        } else if let exchange = way.router {
            host.route(publication, from: exchange, furtherKeys: way.furtherKeys, asking: .none)
        }
        guard way.queue != nil || host.reachesQueue else {
            host.filterRound.reset()
            return .unroutable
        }
        guard hasRoomEverywhere(bodyCount: publication.body.count) else {
            host.filterRound.reset()
            return .refused
        }
        body(publication)
        host.filterRound.reset()
        return nil
    }

    /// Whether all queues in `collector` have room, whatever they do when they have none: what is moved shall neither bounce
    /// nor drive others out.
    private func hasRoomEverywhere(bodyCount: Int) -> Bool {
        for index in 0..<host.collector.count {
            guard let queue = host.queue(at: host.collector[index]), queue.settings.limits.isLengthLimited else {
                continue
            }
            let others = promised[queue.id] ?? (0, 0)
            guard queue.hasRoomBehindConsumers(forMessages: 1 + others.messages, forBytes: bodyCount + others.bytes)
            else { return false }
        }
        return true
    }

    /// The message is in a plan for that queue: those that come after it find less room.
    func promise(_ bodyCount: Int, to queue: Queue) {
        guard queue.settings.limits.isLengthLimited else { return }
        let others = promised[queue.id] ?? (0, 0)
        promised[queue.id] = (others.messages + 1, others.bytes + bodyCount)
    }

    private struct Stays: Error {
        let cause: RedriveCause

        init(_ cause: RedriveCause) { self.cause = cause }
    }

    private func find(_ message: WalkedMessage, _ list: PropertyListView) -> Result<Way, Stays> {
        let view = message.view
        switch destination {
        case .original(let which):
            // An undeliverable one is still where it died, and has the keys with which it came.
            if message.undeliverableDeath != nil {
                let copies = list.headers?.find("CC")?.elements
                return way(view.exchange, view.routingKey, further: Self.keys(copies) + blindKeys(view))
            }
            guard let death = death(which, list), let exchange = death.text("exchange"), let key = death.firstKey else {
                return .failure(Stays(.noDeath))
            }
            return way(exchange, key, further: Self.keys(death.routingKeys).dropFirst() + blindKeys(view))
        case .originalQueue(let which):
            if message.undeliverableDeath != nil { return straight(to: message.queue, view.exchange, view.routingKey) }
            guard let death = death(which, list), let name = death.text("queue") else {
                return .failure(Stays(.noDeath))
            }
            return straight(
                to: host.queues.value(for: name), death.text("exchange") ?? view.exchange,
                death.firstKey ?? view.routingKey)
        case .exchange:
            guard let givenExchange else { return .failure(Stays(.noExchange)) }
            return way(givenExchange.bytes, givenKey?.bytes ?? view.routingKey, further: [])
        case .queue(let name), .undone(let name):
            return straight(to: host.queue(named: name), view.exchange, view.routingKey)
        case .bin:
            // Whoever may take a message from its queue may have it thrown away.
            return .success(Way(exchange: view.exchange, key: view.routingKey, queue: host.bin))
        case .deletedFrom:
            guard let name = list.headers?.find("x-deleted-from")?.longString else { return .failure(Stays(.noQueue)) }
            return straight(to: host.queues.value(for: name), view.exchange, view.routingKey)
        }
    }

    private func death(_ which: RedriveDestination.Death, _ list: PropertyListView) -> DeathsView.Death? {
        let deaths = DeathsView(list.headers)
        return which == .newest ? deaths.last : deaths.first
    }

    private func blindKeys(_ view: MessageView) -> [[UInt8]] {
        view.blindKeyBytes.isEmpty ? [] : RoutingKeyList.decode(view.blindKeyBytes)
    }

    private static func keys(_ array: FieldArrayView?) -> [[UInt8]] {
        array?.compactMap { $0.longString.map { Array($0) } } ?? []
    }

    private func straight(
        to queue: Queue?, _ exchange: UnsafeRawBufferPointer, _ key: UnsafeRawBufferPointer
    ) -> Result<Way, Stays> {
        guard let queue else { return .failure(Stays(.noQueue)) }
        if mayUseQueuesAsOf != session.permissionGeneration {
            mayUseQueues = isAllowed(.exchange, "")
            mayUseQueuesAsOf = session.permissionGeneration
        }
        guard mayUseQueues else { return .failure(Stays(.notAllowed)) }
        return .success(Way(exchange: exchange, key: key, queue: queue))
    }

    private func way(
        _ name: UnsafeRawBufferPointer, _ key: UnsafeRawBufferPointer, further: some Sequence<[UInt8]>
    ) -> Result<Way, Stays> {
        let (found, isAllowed) = exchange(name)
        guard let found else { return .failure(Stays(.noExchange)) }
        guard isAllowed else { return .failure(Stays(.notAllowed)) }
        if session.hasTopicPermission(for: found) {
            let text = String(decoding: key, as: UTF8.self)
            guard (try? session.requireTopic(.write, found, routingKey: text)) != nil else {
                return .failure(Stays(.notAllowed))
            }
        }
        return .success(Way(exchange: name, key: key, router: found, furtherKeys: Array(further)))
    }

    private func exchange(_ name: UnsafeRawBufferPointer) -> (Exchange?, isAllowed: Bool) {
        let (topology, permissions) = (host.core.topologyGeneration, session.permissionGeneration)
        if let known, known.topology == topology, known.permissions == permissions, known.name.elementsEqual(name) {
            return (known.exchange, known.isAllowed)
        }
        let exchange = host.exchange(named: name)
        let allowed = isAllowed(.exchange, String(decoding: name, as: UTF8.self))
        known = (Array(name), exchange, allowed, topology, permissions)
        return (exchange, allowed)
    }

    private func isAllowed(_ kind: ResourceName.Kind, _ name: String) -> Bool {
        (try? session.require(.write, kind, name)) != nil
    }
}
