import AMQPProtocol
import Definitions
import Foundation
import HarrierClient
import NIOHTTP1
import Testing

@testable import Broker
@testable import Management

/// Who may look at messages, see their bodies, move, edit and delete them.
@Suite(.timeLimit(.minutes(3))) struct DeadLetterRightTests {
    /// A request, and the rights that it takes.
    struct Asked: Sendable, CustomTestStringConvertible {
        let method: HTTPMethod
        let path: String
        let body: String?
        let rights: Set<DeadLetterRight>

        init(_ rights: Set<DeadLetterRight>, _ method: HTTPMethod, _ path: String, _ body: String? = nil) {
            self.method = method
            self.path = path
            self.body = body
            self.rights = rights
        }

        var testDescription: String { "\(method) \(path) \(body ?? "")" }
    }

    private static let queue = "/api/dlq/%2F/dead"

    static let requests: [Asked] = [
        Asked([], .GET, "/api/whoami"), Asked([], .GET, "/api/dlq/%2F"), Asked([], .GET, "/api/dlq-check/%2F"),
        Asked([], .GET, "/api/queues/%2F"),
        Asked([.metadata], .GET, "\(queue)/messages"),
        Asked([.metadata], .GET, "/api/queues/%2F/dead/messages?filter=header.x%20exists%20and%20size%3E1"),
        Asked([.metadata], .GET, "\(queue)/messages?export=true"),
        Asked([.metadata, .bodies], .GET, "\(queue)/messages?body=text"),
        Asked([.metadata, .bodies], .GET, "\(queue)/messages?filter=not%20body%20contains%20a"),
        Asked([.metadata, .bodies], .GET, "\(queue)/messages?filter=size%3E9%20or%20%24.a%3D1"),
        Asked([.metadata], .GET, "\(queue)/messages/count"),
        Asked([.metadata, .bodies], .GET, "\(queue)/messages/count?filter=%24.a%20exists"),
        Asked([.metadata], .GET, "\(queue)/messages/groups?by=header.x"),
        Asked([.metadata, .bodies], .GET, "\(queue)/messages/groups?by=%24.a"),
        Asked([.metadata, .bodies], .GET, "\(queue)/messages/groups?by=body"),
        Asked([.metadata], .GET, "\(queue)/messages/0"), Asked([.metadata], .GET, "\(queue)/messages/0?body=none"),
        Asked([.metadata, .bodies], .GET, "\(queue)/messages/0?body=hex"),
        Asked([.bodies], .GET, "\(queue)/messages/0/body"), Asked([.metadata], .GET, "\(queue)/messages/0/why"),
        Asked([.metadata, .bodies], .GET, "\(queue)/messages/0/document"),
        Asked([.edit, .metadata, .bodies], .POST, "\(queue)/messages/0/edit", #"{"patch": []}"#),
        Asked([.metadata], .GET, "/api/dlq-edits/%2F"),
        Asked([.move], .POST, "\(queue)/move", "{}"),
        Asked([.move], .POST, "\(queue)/move", #"{"filter": "id in (1, 2)"}"#),
        Asked([.move], .POST, "\(queue)/move", #"{"apply": "0"}"#),
        Asked([.move, .metadata], .POST, "\(queue)/move", #"{"filter": "reason = rejected"}"#),
        Asked([.move, .bodies], .POST, "\(queue)/move", #"{"filter": "body = x"}"#),
        Asked([.delete], .POST, "\(queue)/delete", "{}"),
        Asked([.delete, .bodies], .POST, "\(queue)/delete", #"{"filter": "$.a = 1"}"#),
        Asked([.delete], .POST, "\(queue)/restore", #"{"task": 1}"#),
        Asked([.delete, .metadata], .POST, "\(queue)/restore", #"{"filter": "key = a"}"#),
        Asked([.delete], .POST, "\(queue)/restore", #"{"apply": "0"}"#),
        Asked([.move], .POST, "\(queue)/import", #"{"items": []}"#),
        Asked([.metadata], .GET, "/api/dlq-bin/%2F/messages"),
        Asked([.metadata, .bodies], .GET, "/api/dlq-bin/%2F/messages?body=text"),
        Asked([.metadata, .bodies], .GET, "/api/dlq-bin/%2F/messages?filter=body%20%3D%20x"),
        Asked([.metadata], .GET, "/api/scheduled/%2F"),
        Asked([.metadata, .bodies], .GET, "/api/scheduled/%2F?filter=body%20%3D%20x"),
        Asked([.delete], .DELETE, "/api/scheduled/%2F/0"),
    ]

    private static func name(_ rights: some Sequence<DeadLetterRight>) -> String {
        "u" + rights.map(\.rawValue).sorted().joined(separator: "-")
    }

    /// Users with every set of rights, by their tags alone.
    private static let users: String = {
        var (users, permissions) = ("", "")
        for bits in 1..<(1 << DeadLetterRight.allCases.count) {
            let rights = DeadLetterRight.allCases.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element)
            users +=
                "- {name: \(name(rights)), password: p, tags: [\(rights.map(\.rawValue).joined(separator: ", "))]}\n"
            permissions += "- {user: \(name(rights)), vhost: /, configure: \"\", write: .*, read: .*}\n"
        }
        // Whatever RabbitMQ's tags say.
        users += "- {name: narrowed, password: p, tags: [administrator, dlq_metadata]}\n"
        permissions += "- {user: narrowed, vhost: /, configure: .*, write: .*, read: .*}\n"
        return "users:\n\(users)permissions:\n\(permissions)"
    }()

    private func fill(_ api: ManagementFixture) async throws {
        try await api.withChannel { channel in
            try await channel.declareQueue("dead")
            try await channel.publishConfirmed(#"{"a": "secret"}"#.utf8, routingKey: "dead", properties: .persistent)
        }
    }

    private func send(_ asked: Asked, by user: String, _ api: ManagementFixture) async throws
        -> ManagementFixture.Answer
    {
        try await api.send(asked.method, asked.path, user: "\(user):p", body: asked.body.map { Array($0.utf8) })
    }

    @Test("each right is needed where it is, and no other")
    func matrix() async throws {
        try await ManagementFixture.with(definitions: Self.users) { api in
            try await fill(api)
            for asked in Self.requests {
                let all = Set(DeadLetterRight.allCases)
                for missing in asked.rights {
                    let refused = try await send(asked, by: Self.name(all.subtracting([missing])), api)
                    #expect(refused.status == 401 && refused.string("error") == "not_authorised", "\(asked)")
                    #expect(refused.string("reason")?.contains("tags lack \(missing.rawValue)") == true)
                    #expect(!refused.text.contains("secret"))
                }
                // Somebody without any of these tags has no right less, and is no user of this table.
                let enough = asked.rights.isEmpty ? [DeadLetterRight.edit] : asked.rights
                let answer = try await send(asked, by: Self.name(enough), api)
                #expect(answer.status != 401 && answer.status != 500, "\(asked): \(answer.text)")
            }
        }
    }

    @Test("RabbitMQ's tags alone leave all of it to permissions, as without these rights")
    func rabbitMQTags() async throws {
        let users = """
            users: [{name: m, password: p, tags: [management]}, {name: w, password: p, tags: [monitoring]}]
            permissions:
            - {user: m, vhost: /, configure: "", write: .*, read: .*}
            - {user: w, vhost: /, configure: "", write: .*, read: .*}
            """
        try await ManagementFixture.with(definitions: users) { api in
            try await fill(api)
            for user in ["m", "w"] {
                for asked in Self.requests {
                    #expect(try await send(asked, by: user, api).status != 401, "\(user): \(asked)")
                }
            }
        }
    }

    @Test("an administrator with such a tag has just that right; bodies are left out where nobody asks for them")
    func narrowed() async throws {
        try await ManagementFixture.with(definitions: Self.users) { api in
            try await fill(api)
            let message = try await api.get("\(Self.queue)/messages/0", user: "narrowed:p")
            #expect(message.status == 200 && message.integer("payload_bytes") == 15)
            #expect(message.string("payload") == nil && !message.text.contains("secret"))
            #expect(try await api.get("\(Self.queue)/messages/0").text.contains("secret"))
            for asked in Self.requests where !asked.rights.isSubset(of: [.metadata]) {
                #expect(try await send(asked, by: "narrowed", api).status == 401, "\(asked)")
            }
        }
    }

    @Test("permissions go on counting beside the rights")
    func permissions() async throws {
        let users = """
            users: [{name: u, password: p, tags: [dlq_metadata, dlq_bodies, dlq_move]}]
            permissions: [{user: u, vhost: /, configure: "", write: "", read: "^open"}]
            """
        try await ManagementFixture.with(definitions: users) { api in
            try await fill(api)
            #expect(try await api.get("\(Self.queue)/messages", user: "u:p").status == 401)
            #expect(try await send(Asked([], .POST, "\(Self.queue)/move", "{}"), by: "u", api).status == 401)
        }
    }

    @Test("others' tasks are seen by who may look at messages, their filters by who may see what they look at")
    func tasks() async throws {
        try await ManagementFixture.with(definitions: Self.users) { api in
            try await fill(api)
            let plan = try await api.send(
                .POST, "\(Self.queue)/delete", body: Array(#"{"filter": "body contains secret"}"#.utf8))
            let hash = try #require(plan.string("plan"))
            let begun = try await api.send(.POST, "\(Self.queue)/delete", body: Array("{\"apply\": \"\(hash)\"}".utf8))
            let path = "/api/dlq-tasks/%2F/\(begun.string("id") ?? "")"
            let seer = try await api.get(path, user: "\(Self.name([.metadata])):p")
            #expect(seer.status == 200 && seer.string("user") == "guest" && !seer.text.contains("secret"))
            #expect(try await api.get(path, user: "\(Self.name([.bodies, .metadata])):p").text.contains("secret"))
            #expect(try await api.get(path, user: "\(Self.name([.move])):p").status == 404)
            #expect(try await api.get("/api/dlq-tasks/%2F", user: "\(Self.name([.move])):p").count() == 0)
            // An administrator may take others' tasks back, but for the rights.
            let undo = try await api.send(.POST, "\(path)/undo", user: "narrowed:p")
            #expect(undo.status == 401 && undo.string("reason")?.contains("dlq_delete") == true)
        }
    }

    @Test("what a policy moves back, and how much, is seen by who may see what its filter looks at")
    func policies() async throws {
        let policies = """
            policies:
            - {name: retry, pattern: ^dead$, definition: {redrive-every: 1000, redrive-filter: body contains secret,
               redrive-to: queue, redrive-queue: taken}}
            queues: [{name: dead}, {name: taken},
              {name: work, arguments: {x-dead-letter-exchange: "", x-dead-letter-routing-key: dead}}]

            """
        try await ManagementFixture.with(definitions: policies + Self.users) { api in
            try await fill(api)
            while try await api.get("/api/queues/%2F/dead").integer("redrive", "last_run", "moved") != 1 {}
            for (path, place) in [
                ("/api/queues/%2F/dead", []), ("/api/queues/%2F?page=1&name=dead", ["items", 0]),
                ("/api/dlq/%2F", ["queues", 0]),
            ] as [(String, [any Sendable])] {
                func redrive(_ rights: [DeadLetterRight]) async throws -> [String: Any] {
                    let answer = try await api.get(path, user: "\(Self.name(rights)):p")
                    let queue = place.isEmpty ? answer.value() : answer.value(place[0], place[1])
                    return try #require((queue as? [String: Any])?["redrive"] as? [String: Any], "\(answer.text)")
                }
                let seen = try await redrive([.bodies])
                #expect(seen["filter"] as? String == "body contains secret" && seen["last_run"] is [String: Any])
                let hidden = try await redrive([.metadata])
                #expect(hidden["filter"] is NSNull && hidden["last_run"] is NSNull, "\(hidden)")
                #expect(hidden["policy"] as? String == "retry" && hidden["next_run_at"] is NSNumber)
            }
        }
    }

    @Test("a tag that looks like a right and is none is refused with its place")
    func misspelled() throws {
        let definitions = try DefinitionLoader.parse(
            text: "users: [{name: u, password: p, tags: [dlq_metdata]}]", file: "users.yaml")
        let error = #expect(throws: DefinitionErrors.self) { try BlankBroker.tryOut(definitions) }
        #expect(error?.errors.first?.location.file == "users.yaml")
        #expect(error?.errors.first?.message.contains("'dlq_metdata': expected some of dlq_metadata") == true)
    }
}
