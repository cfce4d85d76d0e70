import AMQPProtocol

/// Looks for what is wrong with policies that have dead letters moved back.
struct RedrivePolicyCheck {
    private(set) var problems: [DeadLetterProblem] = []

    /// - Parameter missingExchanges: of those that policies name, the ones that are not there.
    init(_ topology: DeadLetterTopology, missingExchanges: Set<WireName>) {
        let names = Set(topology.queues.map { WireName($0.name) })
        for queue in topology.queues {
            guard let redrive = queue.redrive else { continue }
            func add(_ severity: DeadLetterProblem.Severity, _ name: String, _ text: String) {
                problems.append(
                    DeadLetterProblem(
                        queue: queue.name, severity: severity, name: name,
                        text: "policy '\(redrive.policyName)': \(text)"))
            }
            if let parking = redrive.policy.parkingQueue {
                if !names.contains(WireName(parking)) {
                    add(
                        .error, "no_parking_queue", "redrive-parking-queue '\(parking)' is not there: nothing is parked"
                    )
                } else if WireName(parking) == WireName(queue.name) {
                    add(
                        .error, "parks_here",
                        "redrive-parking-queue is this queue itself: its pattern should leave that out")
                }
            }
            switch redrive.policy.destination {
            case .queue(let name) where !names.contains(WireName(name)):
                add(.error, "no_redrive_target", "redrive-queue '\(name)' is not there: nothing is moved")
            case .queue(let name) where WireName(name) == WireName(queue.name):
                add(.error, "redrives_here", "redrive-queue is this queue itself: nothing is moved")
            case .exchange(let name, _) where missingExchanges.contains(WireName(name)):
                add(.error, "no_redrive_target", "redrive-exchange '\(name)' is not there: nothing is moved")
            case .original, .originalQueue:
                if topology.sources[WireName(queue.name)] == nil {
                    add(
                        .warning, "no_dead_letters",
                        "its messages are moved back to where they died, but no queue's dead letters come here")
                }
            case .queue, .exchange, .bin, .deletedFrom, .undone: break
            }
        }
    }

    /// Exchanges that policies name.
    static func exchanges(_ topology: DeadLetterTopology) -> Set<WireName> {
        Set(
            topology.queues.compactMap { queue in
                guard case .exchange(let name, _)? = queue.redrive?.policy.destination else { return nil }
                return WireName(name)
            })
    }
}
