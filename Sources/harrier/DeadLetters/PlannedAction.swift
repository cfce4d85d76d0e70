import ArgumentParser
import HarrierManagement
import LosslessJSON

/// Something that is done to the messages of a queue in two steps: a plan, and the plan carried out.
struct PlannedAction: ParsableArguments {
    /// As it stands in the API and on the command line.
    enum Kind: String {
        case move, delete, restore

        /// As it is said of messages.
        var participle: String {
            switch self {
            case .move: "moved"
            case .delete: "deleted"
            case .restore: "restored"
            }
        }
    }

    @Flag(help: "Carry the plan out.")
    var apply = false

    @Option(
        help: """
            With --apply: the plan that was shown, by its hash, instead of a new one. Other options may be left out then, and \
            have to be those of the plan if they are not.
            """)
    var plan: String?

    @Flag(help: "With --apply: do not wait for the end; `harrier dlq task` tells of it.")
    var detach = false

    @Option(help: "table; json: one array; ndjson: one object on a line.")
    var output = ListOutput.table

    @Argument(help: "The queue that they are in, or that they were deleted from.")
    var queue: String

    func validate() throws {
        guard apply || (plan == nil && !detach) else { throw ValidationError("--plan and --detach go with --apply") }
    }

    /// - Parameter fields: what was said of the plan, and nothing else: the broker knows what holds where nothing was.
    func run(
        _ kind: Kind, _ fields: [String: JSONValue], of vhost: String, _ client: ManagementClient
    ) async throws {
        let path = ["dlq", vhost, queue, kind.rawValue]
        let fields = fields.filter { $0.value != .null }
        var application: JSONObject = [:]
        if let plan {
            // What is said beside it has to be what it was made for, which the broker knows.
            application.fields = fields
            application["apply"] = .string(plan)
        } else {
            let plan = try await client.postForObject(path, JSONObject(fields))
            if !apply || output == .table { show(plan, kind, isForGood: fields["grace_ms"] == 0) }
            let isEmpty = plan.integer("matched") == 0
            if isEmpty, kind != .restore { await tellOfOthers(vhost, client) }
            guard apply else { return }
            // A task that has nothing to do would only fill the history.
            if isEmpty {
                if output != .table { output.print([]) { TaskReport.table([]) } }
                if plan.integer("undecided") ?? 0 > 0 { throw ExitCode(3) }
                return
            }
            application["apply"] = plan["plan"]
        }
        let task = try await client.postForObject(path, application)
        try await TaskReport(client: client, vhost: vhost, output: output).run(task, waits: !detach)
    }

    private func show(_ plan: JSONObject, _ kind: Kind, isForGood: Bool) {
        output.print([plan]) {
            var table = TextTable([
                .init(title: "TO"), .init(title: "MESSAGES", isNumber: true), .init(title: "BYTES", isNumber: true),
            ])
            for target in plan.objects("targets") ?? [] {
                table.add([
                    isForGood ? "(gone for good)" : target.text("queue") ?? "",
                    target.integer("messages").map { "\($0)" } ?? "", target.integer("bytes").map { "\($0)" } ?? "",
                ])
            }
            for (cause, count) in TaskReport.stays(plan) { table.add(["(stays: \(cause))", "\(count)", ""]) }
            return table
        }
        let (messages, matched) = (plan.integer("messages") ?? 0, plan.integer("matched") ?? 0)
        let scan = ScanReport(
            shown:
                "\(messages) of \(ScanReport.count(matched, "message")) \(apply ? "are to" : "would") be \(kind.participle)",
            scanned: plan.integer("scanned") ?? 0, undecided: plan.integer("undecided") ?? 0, cursor: nil)
        StandardStream.error.writeLine(scan.text)
        guard !apply else { return }
        StandardStream.error.writeLine(
            "nothing has been \(kind.participle); to do it: harrier dlq \(kind.rawValue) "
                + "\(TerminalText.escaped(queue)) --apply --plan " + (plan.text("plan") ?? ""))
    }

    /// Whoever finds nothing may have looked for ready messages where there are only others.
    private func tellOfOthers(_ vhost: String, _ client: ManagementClient) async {
        // Who may not be told of the queue goes without.
        guard let facts = try? await client.object(["queues", vhost, queue]) else { return }
        let counts = [
            ("ready", facts.integer("messages_ready")), ("undeliverable", facts.integer("messages_undeliverable")),
            ("delayed", facts.integer("messages_delayed")), ("unacked", facts.integer("messages_unacknowledged")),
        ]
        let texts = counts.compactMap { name, count in count.flatMap { $0 > 0 ? "\($0) \(name)" : nil } }
        guard !texts.isEmpty else { return }
        StandardStream.error.writeLine(
            "the queue has \(texts.joined(separator: ", ")) messages: --state says which of the ready and the "
                + "undeliverable ones are meant")
    }
}
