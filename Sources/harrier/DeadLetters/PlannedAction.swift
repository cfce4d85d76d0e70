import ArgumentParser

/// Something that is done to messages in two steps: a plan, and the plan carried out.
struct PlannedAction {
    let client: ManagementClient
    let vhost: String
    let output: ListOutput
    /// Below `/api`.
    let path: [String]
    /// As it is said of messages: `moved`, `deleted`, `restored`.
    let verb: String
    /// The command that would carry the plan out, without its hash.
    let command: String

    /// - Parameters:
    ///   - fields: what the plan is asked for with.
    ///   - hash: of a plan that has been made.
    func run(_ fields: [String: Any], _ apply: ApplyOptions) async throws {
        var hash = apply.plan
        if hash == nil {
            let plan = try await client.post(path, ManagementObject(fields))
            hash = plan.text("plan")
            if !apply.apply || output == .table { show(plan, isApplied: apply.apply) }
            guard apply.apply else { return }
        }
        let task = try await client.post(path, ManagementObject(["apply": hash ?? ""]))
        try await TaskReport(client: client, vhost: vhost, output: output).run(task, waits: !apply.detach)
    }

    private func show(_ plan: ManagementObject, isApplied: Bool) {
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
        guard !isApplied else { return }
        StandardStream.error.writeLine(
            "nothing has been \(verb); to do it: \(TerminalText.escaped(command)) --apply --plan "
                + (plan.text("plan") ?? ""))
    }
}
