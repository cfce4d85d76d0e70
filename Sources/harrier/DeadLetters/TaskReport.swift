import ArgumentParser
import Foundation
import HarrierManagement
import LosslessJSON

/// Tells of a task: while it runs on one line of the terminal, and at its end.
struct TaskReport {
    private static let pollMilliseconds = 200
    /// How long a change that was asked for may take to be durable.
    private static let changePollsMax = 25
    /// Ids of messages that stay, for each cause.
    private static let idsListedMax = 10

    let client: ManagementClient
    let vhost: String
    let output: ListOutput

    /// - Throws: the exit code, unless everything has been moved.
    func run(_ begun: JSONObject, waits: Bool) async throws {
        let id = begun.text("id") ?? ""
        let task = waits ? try await wait(for: begun) : begun
        show(task)
        if !waits, task.text("status") == "running" {
            StandardStream.error.writeLine("task \(id) runs: harrier dlq task \(id) tells of it")
        }
        try Self.end(task)
    }

    /// The task when it does not run any more.
    func wait(for begun: JSONObject) async throws -> JSONObject {
        var task = begun
        let id = begun.text("id") ?? ""
        let progress = TaskProgressLine(isTerminal: StandardStream.error.isTerminal)
        var isAnnounced = false
        while task.text("status") == "running" {
            progress.show(task)
            try await Task.sleep(for: .milliseconds(Self.pollMilliseconds))
            do {
                task = try await client.object(["dlq-tasks", vhost, id])
            } catch {
                progress.clear()
                if case .unreachable = error { Self.tellOfLostBroker(id) }
                throw error
            }
            if !isAnnounced, task.text("status") == "running" {
                isAnnounced = true
                progress.clear()
                StandardStream.error.writeLine(
                    "task \(id) runs in the broker, also without this command; to stop it: harrier dlq task \(id) cancel"
                )
            }
        }
        progress.clear()
        return task
    }

    private static func tellOfLostBroker(_ id: String) {
        StandardStream.error.writeLine(
            "task \(id) is not lost: it goes on as soon as the broker runs again; harrier dlq task \(id) wait")
    }

    /// The task with what was asked for done.
    func settled(_ changed: JSONObject, from status: String) async throws -> JSONObject {
        var task = changed
        for _ in 0..<Self.changePollsMax where task.text("status") == status {
            try await Task.sleep(for: .milliseconds(Self.pollMilliseconds))
            task = try await client.object(["dlq-tasks", vhost, task.text("id") ?? ""])
        }
        return task
    }

    static func end(_ task: JSONObject) throws {
        switch task.text("status") {
        case "failed": throw ExitCode.failure
        case "paused", "cancelled": throw ExitCode(3)
        default:
            let stays = stays(task).reduce(0) { $0 + $1.count } + (task.integer("undecided") ?? 0)
            if stays > 0 { throw ExitCode(3) }
        }
    }

    func show(_ task: JSONObject) {
        output.print([task]) { Self.table([task]) }
        guard output == .table else { return }
        for line in Self.remarks(task) { StandardStream.error.writeLine(TerminalText.escaped(line)) }
    }

    /// What the table has no room for.
    static func remarks(_ task: JSONObject) -> [String] {
        var lines: [String] = []
        if task.text("status") == "running" {
            let milliseconds = Int(Date().timeIntervalSince1970 * 1000) - (task.integer("started_at") ?? 0)
            lines.append(TaskProgressLine.text(task, seconds: Double(max(0, milliseconds)) / 1000))
        }
        if let note = task.text("note") { lines.append(note) }
        let left = Dictionary(grouping: task.objects("left") ?? []) { $0.text("cause") ?? "" }
        for (cause, count) in stays(task) {
            let known = left[cause] ?? []
            let ids = known.prefix(idsListedMax).compactMap { $0.text("id") }
            let more = count > ids.count ? ", …" : ""
            let reason = known.first?.text("reason") ?? cause
            lines.append("\(count) stay: \(reason) (\(ids.joined(separator: ", "))\(more))")
        }
        if let count = task.integer("undecided"), count > 0 {
            lines.append("\(count) stay: they are too large for the filter to decide on")
        }
        if let count = task.integer("gone"), count > 0 {
            lines.append("\(count) had left the queue before it was their turn")
        }
        return lines
    }

    static func table(_ tasks: [JSONObject]) -> TextTable {
        var table = TextTable([
            .init(title: "TASK", isNumber: true), .init(title: "ACTION"), .init(title: "FROM"), .init(title: "TO"),
            .init(title: "FILTER"), .init(title: "STATUS"), .init(title: "MOVED", isNumber: true),
            .init(title: "PLANNED", isNumber: true), .init(title: "STAYED", isNumber: true),
            .init(title: "BYTES", isNumber: true), .init(title: "BY"), .init(title: "STARTED"),
        ])
        for task in tasks {
            table.add([
                task.text("id") ?? "", task.text("action") ?? "", task.text("queue") ?? "", destination(task),
                TerminalText.cut(task.object("request")?.text("filter") ?? "", to: 40), task.text("status") ?? "",
                task.integer("moved").map { "\($0)" } ?? "", task.integer("planned_messages").map { "\($0)" } ?? "",
                "\(stays(task).reduce(task.integer("undecided") ?? 0) { $0 + $1.count })",
                task.integer("moved_bytes").map { "\($0)" } ?? "",
                task.text("user") ?? task.text("policy").map { "policy \($0)" } ?? "",
                ListScheduledCommand.time(task.integer("started_at")),
            ])
        }
        return table
    }

    private static func destination(_ task: JSONObject) -> String {
        guard let request = task.object("request") else { return "" }
        switch request.text("to") {
        case "exchange":
            let key = request.text("routing_key").map { " key \($0)" } ?? ""
            return "exchange \(request.text("exchange") ?? "")\(key)"
        case "queue", "undone": return request.text("queue") ?? ""
        case "bin": return request.integer("grace_ms") == 0 ? "gone for good" : "bin"
        case "deleted-from": return "where they were"
        case let other?: return request.text("death") == "oldest" ? "\(other), oldest death" : other
        case nil: return ""
        }
    }

    /// How many messages stay, by cause.
    static func stays(_ object: JSONObject) -> [(cause: String, count: Int)] {
        let counts = object.object("stays") ?? [:]
        return counts.fields.keys.sorted().map { ($0, counts.integer($0) ?? 0) }
    }
}
