import AMQPProtocol
import HarrierClient
import NIOHTTP1
import Testing

/// Messages that a filter chooses, over HTTP: shown, counted, grouped, and one by one.
@Suite(.timeLimit(.minutes(2))) struct FilteredRouteTests {
    static func fill(_ api: ManagementFixture, count: Int = 10) async throws {
        try await api.withChannel { channel in
            try await channel.declareQueue("q")
            for number in 0..<count {
                try await channel.publishConfirmed(
                    "{\"n\":\(number)}".utf8, routingKey: "q",
                    properties: BasicProperties(headers: ["error": .string("e\(number % 3)")], deliveryMode: 2))
            }
        }
    }

    private func encoded(_ filter: String) -> String {
        filter.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test("browse, count and group look at what the filter matches, and tell how much they looked at")
    func filtered() async throws {
        try await ManagementFixture.with { api in
            try await Self.fill(api)
            let filter = encoded("header.error = e1 and $.n > 1")
            for root in ["queues", "dlq"] {
                let base = "/api/\(root)/%2F/q/messages"
                let page = try await api.get("\(base)?body=text&filter=\(filter)")
                #expect(page.strings("payload", in: "items") == ["{\"n\":4}", "{\"n\":7}"])
                #expect(page.integer("scanned") == 10 && page.integer("matched") == 2)
                #expect(page.integer("undecided") == 0 && page.integer("is_complete") == 1)
                let count = try await api.get("\(base)/count?filter=\(filter)")
                #expect(count.integer("matched") == 2 && count.integer("scanned") == 10 && count.integer("bytes") == 14)
                let part = try await api.get("\(base)/count?scan=4")
                #expect(
                    part.integer("matched") == 4 && part.integer("is_complete") == 0 && part.string("cursor") == "4")
                let rest = try await api.get("\(base)/count?cursor=4&state=ready")
                #expect(rest.integer("matched") == 6 && rest.integer("is_complete") == 1)
                let groups = try await api.get("\(base)/groups?by=header.error&limit=2")
                #expect(groups.strings("key", in: "items") == ["e0", "e1"])
                #expect(groups.integer("items", 0, "messages") == 4 && groups.integer("other", "messages") == 3)
                #expect(groups.string("items", 1, "sample_id") == "1" && groups.integer("group_count") == 3)
            }
        }
    }

    @Test("one message is shown with its whole body, which is to be had as it is as well")
    func one() async throws {
        try await ManagementFixture.with { api in
            let large = [UInt8](repeating: 0x61, count: 5 << 20)
            try await api.withChannel { channel in
                try await channel.declareQueue("q")
                try await channel.publishConfirmed("first".utf8, routingKey: "q")
                try await channel.publishConfirmed(large, routingKey: "q")
            }
            let message = try await api.get("/api/queues/%2F/q/messages/0?body=hex")
            #expect(message.string("payload") == "6669727374" && message.string("payload_encoding") == "hex")
            let body = try await api.get("/api/queues/%2F/q/messages/1/body")
            #expect(body.status == 200 && body.text.utf8.count == large.count)
            #expect(body.headers["content-type"] == "application/octet-stream")
            #expect(try await api.get("/api/queues/%2F/q/messages/2").status == 404)
            #expect(try await api.get("/api/queues/%2F/q/messages/x").status == 400)
        }
    }

    @Test(
        "what can't be asked for is refused, with its place",
        arguments: [
            ("/api/queues/%2F/q/messages?filter=reason+%3D+nothing", 400, "column 10"),
            ("/api/queues/%2F/q/messages/count?filter=(", 400, "column 2"),
            ("/api/queues/%2F/q/messages/groups?by=nothing", 400, "no field is called"),
            ("/api/queues/%2F/q/messages/groups", 400, "by: expected a field"),
            ("/api/queues/%2F/q/messages/groups?by=age", 400, "every message"),
            ("/api/queues/%2F/q/messages/count?scan=0", 400, "scan"),
            ("/api/dlq/%2F/none/messages/count", 404, "no queue"),
        ])
    func refused(path: String, status: Int, reason: String) async throws {
        try await ManagementFixture.with { api in
            try await Self.fill(api, count: 1)
            let answer = try await api.get(path)
            #expect(answer.status == status && answer.string("reason")?.contains(reason) == true, "\(answer.text)")
        }
    }

    @Test("the permission to read is needed for all of them")
    func permissions() async throws {
        try await ManagementFixture.with { api in
            try await Self.fill(api, count: 1)
            for path in ["", "/count", "/groups?by=key", "/0", "/0/body"] {
                let answer = try await api.get("/api/dlq/%2F/q/messages\(path)", user: "manager:m:secret")
                #expect(answer.status == 401, "\(path)")
            }
        }
    }
}
