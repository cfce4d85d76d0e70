import ArgumentParser
import HarrierClient

/// `harrier dlq list`.
struct ListDeadLettersCommand: OverAMQPCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the queues that dead letters come to, and those that hold dead letters nobody takes.",
        discussion: """
            Dead-letter queues are found from the topology and the policies in force. The kind is dead-letters for such a \
            queue, undeliverable for one whose own dead letters have nowhere to go, and paused for one whose deliveries are \
            paused since its consumers reject too much.

            With --url amqp://… it works on any AMQP 0-9-1 broker, for queues that are named:

            harrier dlq list
            harrier dlq list --url amqp://localhost:5673 orders.dead payments.dead
            """
    )

    @OptionGroup
    var broker: ManagementURLOption

    @Option(help: "table; json: one array; ndjson: an object on a line for each queue.")
    var output = ListOutput.table

    @Argument(help: "Only these queues. Over AMQP they have to be named.")
    var queues: [String] = []

    func run(_ client: ManagementClient) async throws {
        let answer = try await client.object(["dlq", broker.vhost])
        func named(_ list: String) -> [ManagementObject] {
            (answer.objects(list) ?? []).filter { self.queues.isEmpty || self.queues.contains($0.text("name") ?? "") }
        }
        let (queues, undeliverable, paused) = (named("queues"), named("undeliverable"), named("paused"))
        let items =
            queues.map { Self.marked($0, "dead-letters") } + undeliverable.map { Self.marked($0, "undeliverable") }
            + paused.map { Self.marked($0, "paused") }
        output.print(items) {
            // A column of its own only where a policy moves something.
            let hasRedrives = queues.contains { $0.object("redrive") != nil }
            var table = TextTable(
                [
                    .init(title: "NAME"), .init(title: "KIND"), .init(title: "MESSAGES", isNumber: true),
                    .init(title: "OLDEST", isNumber: true), .init(title: "CONSUMERS", isNumber: true),
                ] + (hasRedrives ? [.init(title: "MOVED BACK")] : []) + [.init(title: "SOURCES")])
            for queue in queues {
                table.add(
                    [
                        queue.text("name") ?? "", "dead-letters", queue.integer("messages").map { "\($0)" } ?? "",
                        Self.age(queue.integer("oldest_message_age_ms")),
                        queue.integer("consumers").map { "\($0)" } ?? "",
                    ] + (hasRedrives ? [Self.redrive(queue)] : [])
                        + [(queue.objects("sources") ?? []).compactMap { $0.text("queue") }.joined(separator: ", ")])
            }
            for queue in undeliverable {
                table.add(
                    [
                        queue.text("name") ?? "", "undeliverable",
                        queue.integer("messages_undeliverable").map { "\($0)" } ?? "", "-", "-",
                    ] + (hasRedrives ? ["-"] : []) + ["-"])
            }
            for queue in paused {
                table.add(
                    [
                        queue.text("name") ?? "", "paused", queue.integer("messages").map { "\($0)" } ?? "", "-",
                        queue.integer("consumers").map { "\($0)" } ?? "",
                    ] + (hasRedrives ? ["-"] : []) + ["-"])
            }
            return table
        }
    }

    private static func redrive(_ queue: ManagementObject) -> String {
        guard let redrive = queue.object("redrive") else { return "-" }
        let every = "every \(age(redrive.integer("every_ms")))"
        return redrive.text("running_task").map { "\(every), task \($0)" } ?? every
    }

    private static func marked(_ queue: ManagementObject, _ kind: String) -> ManagementObject {
        var fields = queue.fields
        fields["kind"] = kind
        return ManagementObject(fields)
    }

    /// The largest unit that gives a number above one.
    static func age(_ milliseconds: Int?) -> String {
        guard let milliseconds else { return "-" }
        let seconds = milliseconds / 1000
        return switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86_400) d"
        }
    }
}

// MARK: Over AMQP

extension ListDeadLettersCommand {
    var weakerGuarantees: [String] {
        [
            "only the queues that are named are looked at: AMQP can't list queues, or tell which are for dead letters",
            "only ready messages are counted; ages and sources are not known",
        ]
    }

    var optionsWithoutMeaning: [String] { [] }

    func run(over connection: HarrierConnection, as user: String) async throws {
        guard !queues.isEmpty else { throw ValidationError("over AMQP the queues have to be named") }
        var found: [ManagementObject] = []
        var isAnyMissing = false
        for name in queues {
            do {
                // Asking for one that is not there ends the channel.
                let queue = try await connection.withChannel { try await $0.checkQueue(name) }
                found.append(
                    ManagementObject([
                        "name": name, "messages": queue.messageCount, "consumers": queue.consumerCount,
                    ]))
            } catch let error as AMQPClientError where error.code == .channelClosedByServer {
                isAnyMissing = true
                StandardStream.error.writeLine(TerminalText.escaped(error.replyText ?? "no queue '\(name)'"))
            }
        }
        output.print(found) {
            var table = TextTable([
                .init(title: "NAME"), .init(title: "READY", isNumber: true), .init(title: "CONSUMERS", isNumber: true),
            ])
            for queue in found {
                table.add([
                    queue.text("name") ?? "", "\(queue.integer("messages") ?? 0)",
                    "\(queue.integer("consumers") ?? 0)",
                ])
            }
            return table
        }
        if isAnyMissing { throw ExitCode(found.isEmpty ? 1 : 3) }
    }
}
