import ArgumentParser
import HarrierClient
import HarrierManagement
import NIOCore

extension BrowseQueueCommand {
    var weakerGuarantees: [String] {
        [
            "messages are fetched and given back: they are marked as redelivered, may change their place, and in quorum "
                + "queues each look counts towards the delivery limit, at which they die",
            "consumers do not get them meanwhile",
            "only the first --limit ready messages are seen; they have no ids",
        ]
    }

    var optionsWithoutMeaning: [String] {
        let given: [(String, Bool)] = [
            ("--filter", messages.filter != nil), ("--state", (messages.state ?? "ready") != "ready"),
            ("--cursor", messages.cursor != nil), ("--save", save != nil),
            ("--body hex, base64 or json", body != .text && body != .none),
        ]
        return given.filter(\.1).map(\.0)
    }

    func run(over connection: HarrierConnection, as user: String) async throws {
        let channel = try await connection.openChannel()
        let ready = try await channel.checkQueue(messages.queue).messageCount
        var fetched: [Delivery] = []
        while fetched.count < limit, let delivery = try await channel.get(from: messages.queue) {
            fetched.append(delivery)
        }
        if let last = fetched.last { try channel.reject(last, multiple: true, requeue: true) }
        // The answer says that they have been given back, before anybody reads on.
        _ = try await channel.checkQueue(messages.queue)
        output.print(fetched.map { object($0) }) { table(fetched) }
        let rest = ready > fetched.count ? "; \(ready - fetched.count) more are ready" : ""
        StandardStream.error.writeLine("\(fetched.count) messages shown and given back\(rest)")
    }

    private func object(_ delivery: Delivery) -> JSONObject {
        let text = DeliveryJSON.text(delivery)
        var fields = (try? JSONValue(parsing: text.utf8))?.object ?? [:]
        if body == .none { fields = fields.filter { $0.key != "payload" && $0.key != "payload_encoding" } }
        return JSONObject(fields)
    }

    private func table(_ deliveries: [Delivery]) -> TextTable {
        var table = TextTable([
            .init(title: "EXCHANGE"), .init(title: "ROUTING KEY"), .init(title: "REASON"), .init(title: "SOURCE"),
            .init(title: "BYTES", isNumber: true), .init(title: "BODY"),
        ])
        for delivery in deliveries {
            let death = delivery.properties.headers?["x-death"]?.arrayValue?.first?.tableValue
            table.add([
                delivery.exchange, delivery.routingKey, death?["reason"]?.stringValue ?? "",
                death?["queue"]?.stringValue ?? "", "\(delivery.body.readableBytes)",
                body == .none ? "" : TerminalText.cut(delivery.text, to: 60),
            ])
        }
        return table
    }
}
