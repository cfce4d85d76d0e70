import Broker
import LosslessJSON

extension JSONValue {
    init(_ plan: RedrivePlan) {
        self = [
            "plan": .string(plan.hash), "vhost": .string(plan.virtualHost), "queue": .string(plan.queue),
            "user": .string(plan.user), "made_at": .unsigned(plan.madeAtMilliseconds),
            "high_water_marks": .array(plan.highWaterMarks.map { JSONValue($0) }), "scanned": JSONValue(plan.scanned),
            "matched": JSONValue(plan.matched), "undecided": JSONValue(plan.undecided), "is_complete": true,
            "messages": JSONValue(plan.messages), "bytes": JSONValue(plan.bytes),
            "targets": .array(
                plan.targets.map { target in
                    [
                        "queue": .string(target.queue), "messages": JSONValue(target.messages),
                        "bytes": JSONValue(target.bytes),
                    ]
                }),
            "stays": JSONValue(plan.stays), "request": JSONValue(plan.request),
        ]
    }

    /// - Parameter user: who is told of it, and may see it.
    init(_ task: RedriveTask, for user: ManagementUser) {
        var request = JSONValue(task.request)
        if !user.seesFilter(of: task), case .object(var fields) = request {
            fields["filter"] = .null
            request = .object(fields)
        }
        self = [
            "id": .string("\(task.id)"), "action": .string(task.action.rawValue),
            "targets": .object(task.targets.mapValues { JSONValue($0) }),
            "vhost": .string(task.virtualHost), "queue": .string(task.queue),
            "plan": .string(task.plan), "user": task.policy == nil ? .string(task.user) : .null,
            "policy": JSONValue(task.policy),
            "request": request,
            "status": .string(task.status.rawValue), "note": JSONValue(task.note),
            "started_at": .unsigned(task.startedAtMilliseconds), "finished_at": JSONValue(task.finishedAtMilliseconds),
            "planned_messages": JSONValue(task.plannedMessages), "planned_bytes": JSONValue(task.plannedBytes),
            "moved": JSONValue(task.moved), "moved_bytes": JSONValue(task.movedBytes),
            "undecided": JSONValue(task.undecided), "stays": JSONValue(task.stays),
            "gone": task.gone.map { JSONValue($0) } ?? .null,
            "left": .array(
                task.left.map { left in
                    [
                        "id": .string("\(left.id)"), "cause": .string(left.cause.rawValue),
                        "reason": .string(left.cause.explanation),
                    ]
                }),
            "left_is_complete": .boolean(task.left.count == task.staysCount),
            "canary_returned": task.canaryReturned.map { JSONValue($0) } ?? .null,
        ]
    }

    init(_ stays: [RedriveCause: Int]) {
        self = .object(Dictionary(stays.map { ($0.rawValue, JSONValue($1)) }) { first, _ in first })
    }

    /// With the names that it is asked for by.
    init(_ request: RedriveRequest) {
        let options = request.options
        var fields: [String: JSONValue] = [
            "filter": .string(request.filter.text), "order": .string(options.order.rawValue),
            "deaths": .string(options.deaths.rawValue), "redriven_max": JSONValue(options.redrivenMax),
            "state": .string(
                MessageState.allCases.filter { request.states.contains(MessageStates($0)) }.map(\.rawValue)
                    .joined(separator: ",")),
        ]
        switch request.destination {
        case .original(let death):
            fields["to"] = "original"
            fields["death"] = .string(death.rawValue)
        case .originalQueue(let death):
            fields["to"] = "original-queue"
            fields["death"] = .string(death.rawValue)
        case .exchange(let name, let key):
            fields["to"] = "exchange"
            fields["exchange"] = .string(name)
            fields["routing_key"] = key.map { .string($0) }
        case .queue(let name):
            fields["to"] = "queue"
            fields["queue"] = .string(name)
        case .bin(let grace):
            fields["to"] = "bin"
            fields["grace_ms"] = .unsigned(grace)
        case .deletedFrom: fields["to"] = "deleted-from"
        case .undone(let name):
            fields["to"] = "undone"
            fields["queue"] = .string(name)
        }
        for (name, value) in [
            ("limit", options.limit), ("rate", options.messagesPerSecond), ("byte_rate", options.bytesPerSecond),
            ("target_depth_max", options.targetDepthMax), ("canary", options.canary?.messages),
            ("canary_wait_ms", options.canary.map { Int($0.waitMilliseconds) }),
            ("canary_returns_max", options.canary?.returnsPercentMax),
        ] {
            fields[name] = value.map { JSONValue($0) }
        }
        fields["seed"] = options.seed.map { .unsigned($0) }
        fields["ttl"] = Self.change(options.expiration) { .unsigned($0) }
        fields["priority"] = Self.change(options.priority) { .integer(Int64($0)) }
        self = .object(fields)
    }

    private static func change<Value>(
        _ change: RedriveOptions.Change<Value>, _ json: (Value) -> JSONValue
    ) -> JSONValue {
        switch change {
        case .keep: "keep"
        case .clear: "clear"
        case .set(let value): json(value)
        }
    }
}
