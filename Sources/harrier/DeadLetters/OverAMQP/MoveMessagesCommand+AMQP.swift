import ArgumentParser
import HarrierClient
import HarrierManagement

extension MoveMessagesCommand {
    var weakerGuarantees: [String] {
        [
            "at least once: if the connection is lost between confirm and acknowledgement, a message is in both places",
            "moved messages are new ones: at the end of their queue, not marked as redelivered, published now; what comes "
                + "in meanwhile may stand between them",
            "there is no plan with routes, no filter, no task that goes on without this command, no undo and no history",
            "what stays is given back marked as redelivered, in quorum queues counted, and may change its place",
        ]
    }

    var optionsWithoutMeaning: [String] {
        let given: [(String, Bool)] = [
            ("--filter", filter != nil), ("--state", (state ?? "ready") != "ready"), ("--plan", action.plan != nil),
            ("--detach", action.detach), ("--order", (options.pace.order ?? .oldest) != .oldest),
            ("--byte-rate", options.pace.byteRate != nil), ("--max-target-depth", options.maxTargetDepth != nil),
            ("--canary", options.canary != nil),
        ]
        return given.filter(\.1).map(\.0)
    }

    func run(over connection: HarrierConnection, as user: String) async throws {
        let ready = try await connection.withChannel { try await $0.checkQueue(action.queue).messageCount }
        let planned = min(ready, options.pace.limit ?? ready)
        guard action.apply else {
            let plan: JSONObject = [
                "queue": .string(action.queue), "ready": JSONValue(ready), "planned_messages": JSONValue(planned),
            ]
            action.output.print([plan]) {
                var table = TextTable([
                    .init(title: "QUEUE"), .init(title: "READY", isNumber: true),
                    .init(title: "WOULD BE TRIED", isNumber: true),
                ])
                table.add([action.queue, "\(ready)", "\(planned)"])
                return table
            }
            StandardStream.error.writeLine("nothing has been moved; to do it: the same with --apply")
            return
        }
        let move = AMQPMove(connection: connection, queue: action.queue, options: options, user: user)
        var outcome = AMQPMove.Outcome()
        do {
            try await StopRequest.observing { try await move.run(ready, until: $0, &outcome) }
        } catch {
            StandardStream.error.writeLine("moved and confirmed: \(outcome.moved); what was not is still in the queue")
            throw error
        }
        show(outcome, planned)
        if !outcome.stays.isEmpty || outcome.moved < planned { throw ExitCode(3) }
    }

    private func show(_ outcome: AMQPMove.Outcome, _ planned: Int) {
        var stays: [String: Int] = [:]
        for (_, cause) in outcome.stays { stays[cause.rawValue, default: 0] += 1 }
        let result: JSONObject = [
            "queue": .string(action.queue), "moved": JSONValue(outcome.moved), "moved_bytes": JSONValue(outcome.bytes),
            "planned_messages": JSONValue(planned), "stays": .object(stays.mapValues { JSONValue($0) }),
        ]
        action.output.print([result]) {
            var table = TextTable([
                .init(title: "QUEUE"), .init(title: "MOVED", isNumber: true), .init(title: "PLANNED", isNumber: true),
                .init(title: "STAYED", isNumber: true), .init(title: "BYTES", isNumber: true),
            ])
            table.add([
                action.queue, "\(outcome.moved)", "\(planned)", "\(outcome.stays.count)", "\(outcome.bytes)",
            ])
            return table
        }
        for (delivery, cause) in outcome.stays.prefix(20) {
            let name = delivery.properties.messageID.map { "message_id \($0)" } ?? "key \(delivery.routingKey)"
            StandardStream.error.writeLine("stays: \(TerminalText.escaped(name)): \(cause.explanation)")
        }
        if outcome.stays.count >= AMQPMove.staysMax {
            StandardStream.error.writeLine("\(outcome.stays.count) messages stay: the move has ended with that")
        }
        if outcome.stays.count > 20 { StandardStream.error.writeLine("stays: \(outcome.stays.count - 20) more") }
    }
}
