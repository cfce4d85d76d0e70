import Routing

/// Routes messages without moving them.
final class RedrivePlanner: WalkVisitor {
    private let routing: RedriveRouting
    private let host: VirtualHost
    private let range: RedriveRange
    private let limit: Int
    private let sample: RedriveSample?
    private(set) var gate: FilterGate
    private(set) var messages = 0
    private(set) var bytes = 0
    private(set) var stays: [RedriveCause: Int] = [:]
    /// With which the limit was reached.
    private(set) var last: MessageID?
    private var targets: [UInt64: RedrivePlan.Target] = [:]

    init(
        _ request: RedriveRequest, of queue: Queue, _ range: RedriveRange, _ gate: FilterGate, _ session: Session
    ) {
        let stamp = RedriveStamp(request.destination, queue: queue.name, user: session.user.name, task: 0)
        routing = RedriveRouting(request, stamp, session)
        host = session.virtualHost
        self.range = range
        sample = request.options.sample
        // A sample is of no more, and all of what it is taken from is told of.
        limit = sample == nil ? request.options.limit ?? .max : .max
        self.gate = gate
    }

    func visit(_ message: WalkedMessage) -> WalkStep {
        if let step = range.stepIfOutside(message) { return step }
        guard gate.admits(message), sample?.contains(message.entry.sequence) ?? true else {
            return gate.step(behind: message)
        }
        let cause = routing.with(message) { _ in add(message.view.bodyCount) }
        if let cause { stays[cause, default: 0] += 1 }
        // What only lacks room now has its place among those that are asked for: others shall not be moved in its stead.
        guard messages + (stays[.refused] ?? 0) >= limit else { return gate.step(behind: message) }
        last = MessageID(rawValue: message.entry.sequence)
        return .done
    }

    private func add(_ byteCount: Int) {
        messages += 1
        bytes += byteCount
        for index in 0..<host.collector.count {
            guard let queue = host.queue(at: host.collector[index]), !queue.isInternal || queue === host.binIfThere
            else { continue }
            routing.promise(byteCount, to: queue)
            if targets[queue.id] == nil {
                guard targets.count < RedrivePlan.targetsMax else { continue }
                targets[queue.id] = RedrivePlan.Target(queue: queue.name, messages: 0, bytes: 0)
            }
            targets[queue.id]?.messages += 1
            targets[queue.id]?.bytes += byteCount
        }
    }

    var sortedTargets: [RedrivePlan.Target] {
        targets.values.sorted { left, right in
            left.messages != right.messages ? left.messages > right.messages : left.queue < right.queue
        }
    }
}
