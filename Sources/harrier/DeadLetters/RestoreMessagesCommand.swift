import ArgumentParser

/// `harrier dlq restore`.
struct RestoreMessagesCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring deleted messages back from the bin to their queue.",
        discussion: """
            They join the end of the queue that they were deleted from, as they were. Without --apply it is a plan, as for \
            `harrier dlq move`.

            harrier dlq restore orders.dead --filter 'reason = rejected'
            harrier dlq restore orders.dead --task 12 --apply
            """
    )

    @OptionGroup
    var broker: ManagementURLOption

    @Option(
        help: "Which messages; see `harrier help dlq browse`. All that have been deleted from the queue by default.")
    var filter: String?

    @Option(help: "Those that this task has deleted.")
    var task: Int?

    @OptionGroup
    var apply: ApplyOptions

    @Option(help: "table; json: one array; ndjson: one object on a line.")
    var output = ListOutput.table

    @Argument(help: "The queue that they have been deleted from.")
    var queue: String

    func run(_ client: ManagementClient) async throws {
        var fields: [String: Any] = [:]
        fields["filter"] = filter
        fields["task"] = task
        let action = PlannedAction(
            client: client, vhost: broker.vhost, output: output, path: ["dlq", broker.vhost, queue, "restore"],
            verb: "restored", command: "harrier dlq restore \(queue)")
        try await action.run(fields, apply)
    }
}
