import ArgumentParser
import HarrierManagement

/// `harrier dlq delete`.
struct DeleteMessagesCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete messages, and keep them in the bin for a while, from where they can be restored.",
        discussion: """
            Without --apply it is a plan, as for `harrier dlq move`. What is deleted is kept for --grace, and can be brought \
            back with `harrier dlq restore` or `harrier dlq undo`; then it is gone.

            harrier dlq delete orders.dead --filter 'death.age > 30d'
            harrier dlq delete orders.dead --filter 'id in (17, 18)' --grace 24 --apply
            """
    )

    @OptionGroup
    var broker: ManagementURLOption

    @Option(help: "States, with commas between them: ready, which is meant unless this is given, undeliverable.")
    var state: String?

    @Option(help: "Which messages; see `harrier help dlq browse`. All of these states by default.")
    var filter: MessageFilterText?

    @Option(
        help: ArgumentHelp(
            "How long they can be restored, in hours: 168, a week, unless this is given; 0 for not at all.",
            valueName: "hours"))
    var grace: Int?

    @OptionGroup
    var pace: PaceOptions

    @OptionGroup
    var action: PlannedAction

    func validate() throws {
        guard (0...8760).contains(grace ?? 0) else { throw ValidationError("--grace is 0 to 8760 hours") }
    }

    func run(_ client: ManagementClient) async throws {
        var fields = pace.fields
        fields["state"] = JSONValue(state)
        fields["filter"] = JSONValue(filter?.text)
        fields["grace_ms"] = JSONValue(grace.map { $0 * 3_600_000 })
        try await action.run(.delete, fields, of: broker.vhost, client)
    }
}
