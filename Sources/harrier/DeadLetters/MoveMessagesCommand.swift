import ArgumentParser

/// `harrier dlq move`.
struct MoveMessagesCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: "Move messages back to where they were, or elsewhere: first a plan, then the move, exactly once.",
        discussion: """
            Without --apply it is a plan: how many messages would come to which queues, and how many would stay and why. \
            Nothing is moved. With --apply the plan is carried out by the broker, also if this command is ended or the \
            broker is started anew; with --plan it is the plan that was shown. What comes in after the plan was made is \
            not moved. What finds no queue, or a full one, stays.

            Ends with 0 if everything was moved, 3 if some messages have stayed or the task has paused, 1 if it failed.

            harrier dlq move orders.dead --filter 'reason = rejected'
            harrier dlq move orders.dead --apply --plan 3f9a1c22b07d
            harrier dlq move orders.dead --to-queue parking --rate 500 --canary 20 --canary-returns 5 --apply
            """
    )

    @OptionGroup
    var broker: ManagementURLOption

    @OptionGroup
    var options: MoveOptions

    @Option(help: "States, with commas between them: ready, undeliverable.")
    var state = "ready"

    @Option(help: "Which messages; see `harrier help dlq browse`. All of these states by default.")
    var filter: String?

    @Flag(help: "Carry the plan out.")
    var apply = false

    @Option(help: "With --apply: the plan that was shown, by its hash, instead of a new one.")
    var plan: String?

    @Flag(help: "With --apply: do not wait for the end; `harrier dlq task` tells of it.")
    var detach = false

    @Option(help: "table; json: one array; ndjson: one object on a line.")
    var output = ListOutput.table

    @Argument(help: "The queue.")
    var queue: String

    func validate() throws {
        guard apply || (plan == nil && !detach) else { throw ValidationError("--plan and --detach go with --apply") }
    }

    func run(_ client: ManagementClient) async throws {
        let path = ["dlq", broker.vhost, queue, "move"]
        var hash = plan
        if hash == nil {
            var fields = options.fields
            fields["state"] = state
            fields["filter"] = filter
            let found = try await client.post(path, ManagementObject(fields))
            hash = found.text("plan")
            if !apply || output == .table { show(found) }
            guard apply else { return }
        }
        let task = try await client.post(path, ManagementObject(["apply": hash ?? ""]))
        try await TaskReport(client: client, vhost: broker.vhost, output: output).run(task, waits: !detach)
    }

    private func show(_ plan: ManagementObject) {
        output.print([plan]) {
            var table = TextTable([
                .init(title: "TO"), .init(title: "MESSAGES", isNumber: true), .init(title: "BYTES", isNumber: true),
            ])
            for target in plan.objects("targets") ?? [] {
                table.add([
                    target.text("queue") ?? "", target.integer("messages").map { "\($0)" } ?? "",
                    target.integer("bytes").map { "\($0)" } ?? "",
                ])
            }
            for (cause, count) in TaskReport.stays(plan) { table.add(["(stays: \(cause))", "\(count)", ""]) }
            return table
        }
        let scan = ScanReport(
            shown: "\(plan.integer("messages") ?? 0) of \(plan.integer("matched") ?? 0) messages would be moved",
            scanned: plan.integer("scanned") ?? 0, undecided: plan.integer("undecided") ?? 0, cursor: nil)
        StandardStream.error.writeLine(scan.text)
        if !apply {
            StandardStream.error.writeLine(
                "nothing has been moved; to do it: harrier dlq move \(TerminalText.escaped(queue)) --apply --plan "
                    + (plan.text("plan") ?? ""))
        }
    }
}
