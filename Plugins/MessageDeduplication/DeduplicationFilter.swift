import AMQPProtocol
import Broker

/// Keeps out messages whose header has the value of one that was taken before.
final class DeduplicationFilter: PublishFilter {
    private let settings: DeduplicationSettings
    private let state: ExtensionState
    private var seen: SeenMessages

    /// How many messages are remembered.
    var seenCount: Int { seen.count }

    init(_ settings: DeduplicationSettings, state: ExtensionState) {
        self.settings = settings
        self.state = state
        seen = SeenMessages(countMax: settings.sizeMax, restored: state.takeRestored())
        super.init()
    }

    override func admits(_ publication: Publication, nowMilliseconds: UInt64) -> Bool {
        guard let fingerprint = fingerprint(publication), let earlier = seen.find(fingerprint) else { return true }
        return isOver(earlier, nowMilliseconds)
    }

    override func accepted(_ publication: Publication, _ acceptance: Acceptance) {
        guard let fingerprint = fingerprint(publication) else { return }
        let now = acceptance.nowMilliseconds
        let expiry = expiry(publication, now)
        guard expiry > now else { return }
        let message = seen.add(
            fingerprint, expiresAtMilliseconds: expiry, sequence: acceptance.sequence,
            isKept: acceptance.isDurable && settings.isPersistent && state.isDurable
        ) { isOver($0, now) }
        if let number = message.number { state.put(message.encoded, at: number) }
        // As many as can become free with one message.
        for _ in 0..<2 {
            if let number = seen.takeSpareNumber() { state.remove(at: number) }
        }
    }

    /// What stands for messages that have left the queue meanwhile goes before others get their numbers there.
    override func recovered(nowMilliseconds: UInt64) {
        for number in seen.forget(where: { isOver($0, nowMilliseconds) }) { state.remove(at: number) }
    }

    /// Whether messages like that one are welcome again.
    private func isOver(_ message: SeenMessage, _ nowMilliseconds: UInt64) -> Bool {
        switch settings.scope {
        case .window: message.isExpired(nowMilliseconds)
        case .queueContent: !isInQueue(message.sequence)
        }
    }

    private func fingerprint(_ publication: Publication) -> Fingerprint? {
        guard let headers = publication.properties.headers else { return nil }
        return settings.headerName.withUnsafeBytes { headers.find($0) }.flatMap { Fingerprint($0) }
    }

    /// Until when the message is remembered, in milliseconds since 1970; all ones for no end.
    private func expiry(_ publication: Publication, _ nowMilliseconds: UInt64) -> UInt64 {
        guard case .window(let timeToLive) = settings.scope else { return .max }
        if let own = publication.properties.headers?.find("x-cache-ttl")?.integer {
            return nowMilliseconds + UInt64(min(max(own, 0), DeduplicationSettings.timeToLiveMillisecondsMax))
        }
        return timeToLive.map { nowMilliseconds + $0 } ?? .max
    }
}
