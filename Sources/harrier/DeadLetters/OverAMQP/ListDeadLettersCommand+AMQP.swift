import ArgumentParser
import HarrierClient
import HarrierManagement

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
        var found: [JSONObject] = []
        var isAnyMissing = false
        for name in queues {
            do {
                // Asking for one that is not there ends the channel.
                let queue = try await connection.withChannel { try await $0.checkQueue(name) }
                found.append(
                    [
                        "name": .string(name), "messages": JSONValue(queue.messageCount),
                        "consumers": JSONValue(queue.consumerCount),
                    ])
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
