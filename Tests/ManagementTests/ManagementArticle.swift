// The sample of the article HarrierManagement, word for word between the marks; `ManagementClientTests` compares and runs it.

// article begin
import HarrierManagement

func moveBack(at url: String) async throws {
    try await ManagementClient.withClient(to: url) { client in
        for queue in try await client.deadLetterQueues() where queue.messages > 0 {
            print(queue.name, queue.messages, queue.reasons ?? [:])
            for group in try await client.groups(in: queue.name, by: "$.country").groups {
                print(group.key ?? "(none)", group.messages)
            }
            // What would happen…
            let plan = try await client.planMove(from: queue.name, MoveRequest("$.country = \"NO\""))
            print(plan.messages, "would be moved,", plan.stays, "would stay")
            // …and that it does.
            let task = try await client.wait(for: try await client.apply(plan))
            print(task.moved, "moved")
        }
    }
}
// article end
