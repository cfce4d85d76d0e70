import AMQPProtocol
import Broker
import LosslessJSON

/// What is told of dead-letter queues: how much is in them, since when, of what reasons, and from where.
struct DeadLetterListing {
    /// Messages of a queue whose reasons are counted: the first.
    static let reasonsScannedMax = 1000

    let survey: DeadLetterSurvey
    /// How long reasons are counted, in one listing: then the other queues go without.
    var reasonsDuration = Duration.seconds(2)

    /// - Parameter names: of queues; those that have gone meanwhile are left out.
    func json(_ names: [String], _ sources: [WireName: [DeadLetterTopology.Source]]) async throws -> [JSONValue] {
        let places = names.map { QueueIndex.Place(virtualHost: survey.virtualHost, name: $0) }
        let end = ContinuousClock.now + reasonsDuration
        var described: [JSONValue] = []
        for facts in try await survey.index.facts(of: places) {
            do {
                var fields = try await age(of: facts)
                if survey.user.may(.metadata), ContinuousClock.now < end {
                    fields.merge(try await reasons(in: facts)) { first, _ in first }
                }
                let from = sources[WireName(facts.name)] ?? []
                fields["is_dead_letter_queue"] = .boolean(sources[WireName(facts.name)] != nil)
                fields.merge(about(facts, from.sorted { $0.queue < $1.queue })) { first, _ in first }
                described.append(.object(fields))
            } catch WalkError.queueDeleted {
                continue
            }
        }
        return described
    }

    /// Queues with dead letters that nobody takes.
    func undeliverable(_ queues: [QueueFacts]) async throws -> [JSONValue] {
        let places = queues.map { QueueIndex.Place(virtualHost: $0.virtualHost, name: $0.name) }
        let mayLook = survey.user.may(.metadata)
        return try await survey.index.collect(places) { _, queue in
            let facts = queue.facts
            let since = facts.undeliverableSinceMilliseconds
            let reasons = queue.undeliverableReasons(countMax: Self.reasonsScannedMax)
            let now = queue.virtualHost.core.nowMilliseconds
            return JSONValue.object([
                "name": .string(facts.name), "vhost": .string(facts.virtualHost),
                "messages_undeliverable": JSONValue(facts.undeliverableCount), "undeliverable_since": JSONValue(since),
                "undeliverable_age_ms": JSONValue(since.map { now - min(now, $0) }),
                "reasons": mayLook ? .object(reasons.counts.mapValues { JSONValue($0) }) : .null,
                "reasons_is_complete": .boolean(reasons.isComplete),
                "dead_letter_exchange": JSONValue(facts.deadLetterRoute?.exchange.text),
                "dead_letter_routing_key": JSONValue(facts.deadLetterRoute?.routingKey?.text),
            ])
        }
    }

    private func about(_ facts: QueueFacts, _ sources: [DeadLetterTopology.Source]) -> [String: JSONValue] {
        [
            "name": .string(facts.name), "vhost": .string(facts.virtualHost),
            "messages": JSONValue(facts.messageCount), "messages_ready": JSONValue(facts.readyCount),
            "messages_unacknowledged": JSONValue(facts.unacknowledgedCount),
            "messages_delayed": JSONValue(facts.delayedCount),
            "messages_undeliverable": JSONValue(facts.undeliverableCount),
            "consumers": JSONValue(facts.consumerCount),
            "dead_letters_last_minute": JSONValue(facts.deadLettersLastMinute), "reasons": .null,
            "oldest_message_at": .null, "oldest_message_age_ms": .null,
            "redrive": JSONValue(facts.redrive, for: survey.user),
            "sources": .array(
                sources.map { source in
                    [
                        "queue": .string(source.queue), "exchange": .string(source.route.exchange.text),
                        "routing_key": JSONValue(source.route.routingKey?.text),
                    ]
                }),
        ]
    }

    /// Nothing if the queue can't be looked into now: all the rest is worth telling without that.
    private func age(of facts: QueueFacts) async throws -> [String: JSONValue] {
        do {
            let oldest = try await survey.oldest(of: facts)
            guard let time = oldest.publishedAt else { return [:] }
            return [
                "oldest_message_at": .unsigned(time),
                "oldest_message_age_ms": .unsigned(oldest.now - min(oldest.now, time)),
            ]
        } catch WalkError.tooManyWalks {
            return [:]
        }
    }

    private func reasons(in facts: QueueFacts) async throws -> [String: JSONValue] {
        do {
            let groups = try await survey.reasons(in: facts, scannedMax: Self.reasonsScannedMax)
            // Those that have not died are without one.
            let counts = groups.groups.map { ($0.key ?? "none", $0.messages) }
            return [
                "reasons": .object(Dictionary(counts, uniquingKeysWith: +).mapValues { JSONValue($0) }),
                "reasons_scanned": JSONValue(groups.count.scanned),
                "reasons_is_complete": .boolean(groups.count.isComplete),
            ]
        } catch WalkError.tooManyWalks {
            return [:]
        }
    }
}
