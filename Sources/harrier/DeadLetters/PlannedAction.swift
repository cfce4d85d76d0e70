import ArgumentParser

/// Something that is done to the messages of a queue in two steps: a plan, and the plan carried out.
struct PlannedAction: ParsableArguments {
    @Flag(help: "Carry the plan out.")
    var apply = false

    @Option(help: "With --apply: the plan that was shown, by its hash, instead of a new one.")
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

    /// - Parameters:
    ///   - name: of the action, in the API and on the command line: `move`, `delete`, `restore`.
    ///   - verb: as it is said of messages: `moved`.
    ///   - fields: what the plan is asked for with.
    func run(
        _ name: String, verb: String, _ fields: [String: Any], of vhost: String, _ client: ManagementClient
    ) async throws {
        let path = ["dlq", vhost, queue, name]
        var hash = plan
        if hash == nil {
            let plan = try await client.post(path, ManagementObject(fields))
            hash = plan.text("plan")
            if !apply || output == .table { show(plan, name, verb) }
            guard apply else { return }
        }
        let task = try await client.post(path, ManagementObject(["apply": hash ?? ""]))
        try await TaskReport(client: client, vhost: vhost, output: output).run(task, waits: !detach)
    }

    private func show(_ plan: ManagementObject, _ name: String, _ verb: String) {
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
            shown: "\(plan.integer("messages") ?? 0) of \(plan.integer("matched") ?? 0) messages would be \(verb)",
            scanned: plan.integer("scanned") ?? 0, undecided: plan.integer("undecided") ?? 0, cursor: nil)
        StandardStream.error.writeLine(scan.text)
        guard !apply else { return }
        StandardStream.error.writeLine(
            "nothing has been \(verb); to do it: harrier dlq \(name) \(TerminalText.escaped(queue)) --apply --plan "
                + (plan.text("plan") ?? ""))
    }
}
