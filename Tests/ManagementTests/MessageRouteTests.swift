import AMQPProtocol
import HarrierClient
import NIOHTTP1
import Testing

/// What is in queues, over HTTP.
@Suite(.timeLimit(.minutes(2))) struct MessageRouteTests {
    private func fill(_ api: ManagementFixture, _ bodies: [[UInt8]]) async throws {
        try await api.withChannel { channel in
            try await channel.declareQueue("q")
            for body in bodies {
                try await channel.publishConfirmed(
                    body, routingKey: "q", properties: BasicProperties(headers: ["h": .int32(7)], deliveryMode: 2))
            }
        }
    }

    @Test("messages are shown page by page, and stay as they are")
    func browse() async throws {
        try await ManagementFixture.with { api in
            try await fill(api, (0..<5).map { Array("body \($0)".utf8) })
            let first = try await api.get("/api/queues/%2F/q/messages?limit=3&body=text")
            #expect(first.status == 200 && first.strings("payload", in: "items") == ["body 0", "body 1", "body 2"])
            #expect(first.string("items", 0, "state") == "ready" && first.string("items", 0, "id") == "0")
            #expect(first.integer("items", 0, "properties", "headers", "h") == 7)
            #expect(first.string("items", 0, "routing_key") == "q")
            #expect(first.integer("is_complete") == 0 && first.integer("scanned") == 3)
            let cursor = try #require(first.string("cursor"))
            let rest = try await api.get("/api/queues/%2F/q/messages?body=text&cursor=\(cursor)")
            #expect(rest.strings("payload", in: "items") == ["body 3", "body 4"])
            #expect(rest.integer("is_complete") == 1 && rest.string("cursor") == nil)
            try await api.withChannel { channel in
                let delivery = try #require(try await channel.get(from: "q"))
                #expect(!delivery.isRedelivered && delivery.text == "body 0")
                let held = try await api.get("/api/queues/%2F/q/messages?state=unacked")
                #expect(held.strings("id", in: "items") == ["0"])
                #expect(held.strings("state", in: "items") == ["unacked"])
                try channel.acknowledge(delivery)
            }
        }
    }

    @Test("bodies are shown as text, base64 or JSON, cut where that is asked for")
    func bodies() async throws {
        try await ManagementFixture.with { api in
            try await fill(api, [Array("{\"a\":[1,null]}".utf8), [0xff, 0x00], Array("añb".utf8)])
            func shown(_ query: String) async throws -> ManagementFixture.Answer {
                try await api.get("/api/queues/%2F/q/messages?\(query)")
            }
            let json = try await shown("body=json")
            #expect(json.integer("items", 0, "payload", "a", 0) == 1)
            #expect(json.count("items", 0, "payload", "a") == 2)
            #expect(json.strings("payload_encoding", in: "items") == ["json", "base64", "string"])
            let text = try await shown("body=text")
            #expect(text.strings("payload", in: "items") == ["{\"a\":[1,null]}", "/wA=", "añb"])
            let base64 = try await shown("body=base64")
            #expect(base64.strings("payload_encoding", in: "items") == ["base64", "base64", "base64"])
            // The cut goes through the ñ.
            let cut = try await shown("body=text&truncate=2")
            #expect(cut.string("items", 2, "payload") == "a" && cut.integer("items", 2, "payload_bytes") == 4)
            #expect(cut.integer("items", 2, "payload_truncated") == 1)
            let none = try await shown("")
            #expect(none.value("items", 0, "payload") == nil && none.integer("items", 0, "payload_bytes") == 14)
        }
    }

    @Test(
        "what can't be asked for is refused",
        arguments: [
            "limit=0", "limit=1001", "limit=x", "state=red", "body=xml", "cursor=x", "cursor=-1", "truncate=-1",
            "cursor=281474976710656",
        ])
    func refused(query: String) async throws {
        try await ManagementFixture.with { api in
            try await fill(api, [])
            let answer = try await api.get("/api/queues/%2F/q/messages?\(query)")
            #expect(answer.status == 400 && answer.string("error") == "bad_request", "\(answer.text)")
        }
    }

    @Test("another connection's exclusive queue is not looked into, nor one that is not there")
    func unavailable() async throws {
        try await ManagementFixture.with { api in
            try await api.withChannel { channel in
                try await channel.declareQueue("mine", durable: false, exclusive: true)
                #expect(try await api.get("/api/queues/%2F/mine/messages").status == 400)
            }
            let answer = try await api.get("/api/queues/%2F/none/messages")
            #expect(answer.status == 404)
            #expect(answer.string("reason") == "NOT_FOUND - no queue 'none' in vhost '/'")
        }
    }

    @Test("scheduled messages are listed, and cancelled once")
    func scheduled() async throws {
        try await ManagementFixture.with { api in
            #expect(try await api.get("/api/scheduled/%2F").count("items") == 0)
            #expect(try await api.send(.DELETE, "/api/scheduled/%2F/0").status == 404)
            try await api.withChannel { channel in
                try await channel.declareQueue("q")
                for number in 0..<3 {
                    let headers: FieldTable = ["x-delay": .int64(3_600_000)]
                    try await channel.publishConfirmed(
                        "later \(number)".utf8, routingKey: "q",
                        properties: BasicProperties(headers: headers, deliveryMode: 2), mandatory: false)
                }
            }
            let list = try await api.get("/api/scheduled/%2F?limit=2")
            #expect(list.strings("id", in: "items") == ["0", "1"] && list.string("cursor") == "2")
            #expect(list.string("items", 0, "routing_key") == "q" && list.string("items", 0, "state") == "waiting")
            let published = try #require(list.integer("items", 0, "published_at"))
            #expect(list.integer("items", 0, "deliver_at") == published + 3_600_000)
            #expect(list.integer("items", 0, "properties", "headers", "x-delay") == 3_600_000)
            #expect(try await api.send(.DELETE, "/api/scheduled/%2F/1").status == 204)
            for id in ["1", "99", "x", "-1"] {
                let answer = try await api.send(.DELETE, "/api/scheduled/%2F/\(id)")
                #expect(answer.status == 404 && answer.string("error") == "Object Not Found", "\(id)")
            }
            #expect(try await api.get("/api/scheduled/%2F").strings("id", in: "items") == ["0", "2"])
        }
    }
}
