import AMQPProtocol
import Broker
import BrokerServer
import HTTPTypes

/// What Prometheus is told of dead letters, in all virtual hosts.
struct DeadLetterMetrics {
    /// Dead-letter queues whose oldest message is looked for, in one scrape: each may take a read from the disk.
    static let oldestMax = 1000

    let server: BrokerServer
    let user: ManagementUser
    /// How long oldest messages are looked for, in one scrape: then the other queues go without.
    var oldestDuration = Duration.seconds(1)

    private struct Found {
        let virtualHost: String
        let topology: DeadLetterTopology
        let alerts: [DeadLetterAlert]
    }

    func text() async throws -> String {
        let user = user
        let hosts = try await server.withBroker { core in
            core.virtualHosts.values.filter { user.sees($0) }.map { WireName($0.name) }
        }
        var found: [Found] = []
        for host in hosts.sorted() {
            let survey = DeadLetterSurvey(server: server, user: user, virtualHost: host.text)
            do {
                let topology = try await survey.run()
                let alerts = try await server.withBroker { $0.deadLetterAlerts.alerts(in: host.text) }
                found.append(Found(virtualHost: host.text, topology: topology, alerts: alerts))
            } catch let error as APIError where error.status == .notFound {
                continue
            }
        }
        var text = PrometheusText()
        addSources(found, &text)
        try await addDeadLetterQueues(found, &text)
        addStates(found, &text)
        return text.text
    }

    private typealias Labels = [(name: String, value: String)]

    private static func labels(_ queue: QueueFacts) -> Labels {
        [("vhost", queue.virtualHost), ("queue", queue.name)]
    }

    private func addSources(_ found: [Found], _ text: inout PrometheusText) {
        for (isDeadLetter, name, help) in [
            (
                true, "harrier_queue_dead_letters_total",
                "Messages that died in a queue with a dead-letter exchange, since the start."
            ),
            (
                false, "harrier_queue_messages_dropped_total",
                "Messages that died in a queue without a dead-letter exchange, since the start."
            ),
        ] {
            let samples = found.flatMap(\.topology.queues).flatMap { queue in
                queue.deathCounts.named(isDeadLetter: isDeadLetter).map { reason, count in
                    PrometheusText.Sample(Self.labels(queue) + [("reason", reason)], count)
                }
            }
            text.add(name, .counter, help, samples)
        }
    }

    private func addDeadLetterQueues(_ found: [Found], _ text: inout PrometheusText) async throws {
        var queues: [QueueFacts] = []
        var ages: [PrometheusText.Sample] = []
        let end = ContinuousClock.now + oldestDuration
        for host in found {
            let survey = DeadLetterSurvey(server: server, user: user, virtualHost: host.virtualHost)
            let sources = host.topology.allSources
            for queue in host.topology.queues where sources[WireName(queue.name)] != nil {
                queues.append(queue)
                guard queue.messageCount > 0, ages.count < Self.oldestMax, ContinuousClock.now < end,
                    let age = try await age(of: queue, survey)
                else { continue }
                ages.append(PrometheusText.Sample(Self.labels(queue), milliseconds: age))
            }
        }
        func samples(_ value: (QueueFacts) -> Int) -> [PrometheusText.Sample] {
            queues.map { PrometheusText.Sample(Self.labels($0), value($0)) }
        }
        text.add(
            "harrier_dead_letter_queue_messages", .gauge, "Messages in a queue that dead letters come to.",
            samples(\.messageCount))
        text.add(
            "harrier_dead_letter_queue_joined_total", .counter,
            "Messages that have joined a queue that dead letters come to, since it was made.", samples(\.joinedCount))
        text.add(
            "harrier_dead_letter_queue_consumers", .gauge, "Consumers of a queue that dead letters come to.",
            samples(\.consumerCount))
        text.add(
            "harrier_dead_letter_queue_oldest_message_age_seconds", .gauge,
            "Since the oldest message joined a queue that dead letters come to.", ages)
    }

    /// Nil if the queue can't be looked into now: all the rest is worth telling without that.
    private func age(of queue: QueueFacts, _ survey: DeadLetterSurvey) async throws -> UInt64? {
        do {
            let oldest = try await survey.oldest(of: queue)
            guard let time = oldest.publishedAt else { return nil }
            return oldest.now - min(oldest.now, time)
        } catch is WalkError {
            return nil
        }
    }

    private func addStates(_ found: [Found], _ text: inout PrometheusText) {
        let all = found.flatMap(\.topology.undeliverable)
        text.add(
            "harrier_undeliverable_messages", .gauge, "Dead letters that nobody takes, in all queues.",
            [PrometheusText.Sample([], all.reduce(0) { $0 + $1.undeliverableCount })])
        text.add(
            "harrier_queue_undeliverable_messages", .gauge, "Dead letters of a queue that nobody takes.",
            all.map { PrometheusText.Sample(Self.labels($0), $0.undeliverableCount) })
        text.add(
            "harrier_queue_breaker_open", .gauge,
            "Whether deliveries of a queue are paused, since its consumers reject too much.",
            found.flatMap(\.topology.queues).compactMap { queue in
                queue.breaker.map { PrometheusText.Sample(Self.labels(queue), $0.isOpen ? 1 : 0) }
            })
        text.add(
            "harrier_dead_letter_alert", .gauge, "1 for each alert that is on.",
            found.flatMap(\.alerts).map { alert in
                PrometheusText.Sample(
                    [("vhost", alert.virtualHost), ("queue", alert.queue), ("alert", alert.kind.rawValue)], 1)
            })
    }
}
