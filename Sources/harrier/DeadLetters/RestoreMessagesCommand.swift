import ArgumentParser
import HarrierManagement

/// `harrier dlq restore`.
struct RestoreMessagesCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring deleted messages back from the bin to their queue.",
        discussion: """
            They join the end of the queue that they were deleted from, as they were. Without --apply it is a plan, as for \
            `harrier dlq move`.

            `harrier dlq bin` lists what can be restored.

            harrier dlq restore orders.dead --filter 'reason = rejected'
            harrier dlq restore orders.dead --task 12 --apply
            """
    )

    @OptionGroup
    var broker: ManagementURLOption

    @Option(
        help: "Which messages; see `harrier help dlq browse`. All that have been deleted from the queue by default.")
    var filter: MessageFilterText?

    @Option(help: "Those that this task has deleted.")
    var task: Int?

    @OptionGroup
    var action: PlannedAction

    func run(_ client: ManagementClient) async throws {
        let fields = ["filter": JSONValue(filter?.text), "task": JSONValue(task)]
        try await action.run(.restore, fields, of: broker.vhost, client)
    }
}
