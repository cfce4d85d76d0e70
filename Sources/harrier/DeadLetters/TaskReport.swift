import ArgumentParser

/// Tells of a task: while it runs on one line of the terminal, and at its end.
struct TaskReport {
    private static let pollMilliseconds = 200

    let client: ManagementClient
    let vhost: String
    let output: ListOutput

    /// - Throws: the exit code, unless everything has been moved.
    func run(_ begun: ManagementObject, waits: Bool) async throws {
        let id = begun.text("id") ?? ""
        let task = waits ? try await wait(for: begun) : begun
        show(task)
        if !waits, task.text("status") == "running" {
            StandardStream.error.writeLine("task \(id) runs: harrier dlq task \(id) tells of it")
        }
        try Self.end(task)
    }

    /// The task when it does not run any more.
    func wait(for begun: ManagementObject) async throws -> ManagementObject {
        var task = begun
        let progress = TaskProgressLine(isTerminal: StandardStream.error.isTerminal)
        while task.text("status") == "running" {
            progress.show(task)
            try await Task.sleep(for: .milliseconds(Self.pollMilliseconds))
            task = try await client.object(["dlq-tasks", vhost, begun.text("id") ?? ""])
        }
        progress.clear()
        return task
    }

    static func end(_ task: ManagementObject) throws {
        switch task.text("status") {
        case "failed": throw ExitCode.failure
        case "paused", "cancelled": throw ExitCode(3)
        default: if stays(task).contains(where: { $0.count > 0 }) { throw ExitCode(3) }
        }
    }

    func show(_ task: ManagementObject) {
        output.print([task]) { Self.table([task]) }
        guard output == .table else { return }
        if let note = task.text("note") { StandardStream.error.writeLine(TerminalText.escaped(note)) }
        let left = task.objects("left") ?? []
        for message in left.prefix(20) {
            StandardStream.error.writeLine("stays: \(message.text("id") ?? ""): \(message.text("reason") ?? "")")
        }
        let stays = Self.stays(task).reduce(0) { $0 + $1.count }
        if stays > min(20, left.count) {
            StandardStream.error.writeLine("stays: \(stays - min(20, left.count)) more")
        }
    }

    static func table(_ tasks: [ManagementObject]) -> TextTable {
        var table = TextTable([
            .init(title: "TASK", isNumber: true), .init(title: "ACTION"), .init(title: "QUEUE"), .init(title: "STATUS"),
            .init(title: "MOVED", isNumber: true), .init(title: "PLANNED", isNumber: true),
            .init(title: "STAYED", isNumber: true), .init(title: "BYTES", isNumber: true), .init(title: "BY"),
            .init(title: "STARTED"),
        ])
        for task in tasks {
            table.add([
                task.text("id") ?? "", task.text("action") ?? "", task.text("queue") ?? "", task.text("status") ?? "",
                task.integer("moved").map { "\($0)" } ?? "", task.integer("planned_messages").map { "\($0)" } ?? "",
                "\(stays(task).reduce(0) { $0 + $1.count })", task.integer("moved_bytes").map { "\($0)" } ?? "",
                task.text("user") ?? task.text("policy").map { "policy \($0)" } ?? "",
                ListScheduledCommand.time(task.integer("started_at")),
            ])
        }
        return table
    }

    /// How many messages stay, by cause.
    static func stays(_ object: ManagementObject) -> [(cause: String, count: Int)] {
        let counts = ManagementObject(object.fields["stays"] as? [String: Any] ?? [:])
        return counts.fields.keys.sorted().map { ($0, counts.integer($0) ?? 0) }
    }
}
