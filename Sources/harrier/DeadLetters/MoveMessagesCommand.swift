import ArgumentParser
import HarrierManagement

/// `harrier dlq move`.
struct MoveMessagesCommand: OverAMQPCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: "Move messages back to where they were, or elsewhere: first a plan, then the move, exactly once.",
        discussion: """
            Without --apply it is a plan: how many messages would come to which queues, and how many would stay and why. \
            Nothing is moved. With --apply the plan is carried out by the broker, also if this command is ended or the \
            broker is started anew; with --plan it is the plan that was shown. What comes in after the plan was made is \
            not moved. What finds no queue, or a full one, stays.

            Ends with 0 if everything was moved, 3 if some messages have stayed or the task has paused, 1 if it failed, or if \
            nobody knows how it ended since the broker is gone.

            harrier dlq move orders.dead --filter 'reason = rejected'
            harrier dlq move orders.dead --apply --plan 3f9a1c22b07d
            harrier dlq move orders.dead --to-queue parking --rate 500 --canary 20 --canary-returns 5 --apply

            A handful first, by chance:

            harrier dlq move orders.dead --order sample --limit 20

            With --url amqp://… it works on any AMQP 0-9-1 broker: it fetches each message, publishes it with a confirm, and \
            acknowledges it then. None is lost, but the guarantees are weaker, which it says before it begins.

            harrier dlq move orders.dead --url amqp://localhost:5673 --to original-queue --apply
            """
    )

    @OptionGroup
    var broker: ManagementURLOption

    @OptionGroup
    var options: MoveOptions

    @Option(help: "States, with commas between them: ready, which is meant unless this is given, undeliverable.")
    var state: String?

    @Option(help: "Which messages; see `harrier help dlq browse`. All of these states by default.")
    var filter: MessageFilterText?

    @OptionGroup
    var action: PlannedAction

    func run(_ client: ManagementClient) async throws {
        var fields = options.fields
        fields["state"] = JSONValue(state)
        fields["filter"] = JSONValue(filter?.text)
        try await action.run(.move, fields, of: broker.vhost, client)
    }
}
