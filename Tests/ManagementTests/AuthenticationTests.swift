import Foundation
import HarrierClient
import NIOCore
import NIOHTTP1
import Testing

@testable import Management

/// Who is let in, and what they see.
@Suite(.timeLimit(.minutes(2))) struct AuthenticationTests {
    @Test("without a user there is a challenge; /health needs none")
    func challenge() async throws {
        try await ManagementFixture.with { api in
            let answer = try await api.get("/api/whoami", user: nil)
            #expect(answer.status == 401)
            #expect(answer.headers["www-authenticate"] == "Basic realm=\"RabbitMQ Management\"")
            #expect(answer.string("error") == "not_authorised" && answer.string("reason") != nil)
            #expect(answer.headers["content-type"]?.hasPrefix("application/json") == true)
            #expect(try await api.get("/health", user: nil).status == 200)
        }
    }

    @Test(
        "wrong names, passwords and headers are all the same 401",
        arguments: ["guest:wrong", "nobody:guest", "guest", "guest:", ":", "guest:guest:guest"])
    func refused(user: String) async throws {
        try await ManagementFixture.with { api in
            let answer = try await api.get("/api/whoami", user: user)
            #expect(answer.status == 401 && answer.string("reason") == "Login failed")
            #expect(answer.headers["www-authenticate"] != nil)
            #expect(!answer.text.contains("wrong"))
        }
    }

    @Test("whoever has one of the management's tags is let in, others are told why not")
    func tags() async throws {
        try await ManagementFixture.with { api in
            for (user, tag) in [
                ("guest:guest", "administrator"), ("manager:m:secret", "management"),
                ("watcher:secret", "monitoring"), ("maker:secret", "policymaker"),
            ] {
                let answer = try await api.get("/api/whoami", user: user)
                #expect(answer.status == 200 && answer.string("tags", 0) == tag, "\(user)")
                #expect(answer.string("name") == String(user.prefix { $0 != ":" }))
            }
            let answer = try await api.get("/api/whoami", user: "plain:secret")
            #expect(answer.status == 401 && answer.string("reason") == "Not management user")
        }
    }

    @Test("monitors see all virtual hosts, others those that they may enter")
    func virtualHosts() async throws {
        try await ManagementFixture.with { api in
            for user in ["guest:guest", "watcher:secret"] {
                let answer = try await api.get("/api/vhosts", user: user)
                #expect(answer.strings("name") == ["/", "a/b", "empty"], "\(user)")
                #expect(try await api.get("/api/queues/empty", user: user).status == 200)
            }
            #expect(try await api.get("/api/vhosts", user: "manager:m:secret").strings("name") == ["/"])
            #expect(try await api.get("/api/vhosts", user: "maker:secret").strings("name") == [])
            let refused = try await api.get("/api/queues/a%2Fb", user: "manager:m:secret")
            #expect(refused.status == 401)
            #expect(refused.string("reason") == "User not authorised to access virtual host")
            #expect(try await api.get("/api/queues/nowhere", user: "manager:m:secret").status == 404)
        }
    }

    @Test("a monitor sees queues without permissions, but not what is in them")
    func messagesNeedPermissions() async throws {
        try await ManagementFixture.with { api in
            try await api.withChannel { channel in
                try await channel.declareQueue("open")
                try await channel.declareQueue("closed")
            }
            #expect(try await api.get("/api/queues/%2F/closed", user: "watcher:secret").status == 200)
            #expect(try await api.get("/api/queues/%2F/closed/messages", user: "watcher:secret").status == 401)
            let manager = "manager:m:secret"
            #expect(try await api.get("/api/queues/%2F/open/messages", user: manager).status == 200)
            let refused = try await api.get("/api/queues/%2F/closed/messages", user: manager)
            #expect(refused.status == 401)
            #expect(refused.string("reason")?.hasPrefix("ACCESS_REFUSED - access to queue 'closed'") == true)
            #expect(try await api.get("/api/scheduled/%2F", user: manager).status == 401)
            #expect(try await api.send(.DELETE, "/api/scheduled/%2F/0", user: manager).status == 401)
            #expect(try await api.get("/api/dlq/%2F", user: manager).status == 200)
        }
    }

    @Test("addresses of this machine", arguments: ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
    func loopback(address: String) throws {
        #expect(ManagementContext.isLoopback(try SocketAddress(ipAddress: address, port: 1)))
    }

    @Test("addresses of others", arguments: ["10.0.0.1", "128.0.0.1", "::2", "::ffff:10.0.0.1", "fe80::1"])
    func notLoopback(address: String) throws {
        #expect(!ManagementContext.isLoopback(try SocketAddress(ipAddress: address, port: 1)))
    }

    /// An address of this machine that is not its loopback, if it has one.
    private static let outerAddress: String? = (try? System.enumerateDevices())?.compactMap(\.address)
        .first { address in
            address.protocol == .inet && !ManagementContext.isLoopback(address)
        }?.ipAddress

    @Test("guest comes in over the loopback only", .enabled(if: outerAddress != nil))
    func onlyLoopback() async throws {
        let address = try #require(Self.outerAddress)
        try await ManagementFixture.with(bind: "0.0.0.0") { api in
            let answer = try await api.send(.GET, "/api/whoami", host: address)
            #expect(answer.status == 401 && answer.string("reason") == "User can only log in via localhost")
            #expect(try await api.send(.GET, "/api/whoami", user: "watcher:secret", host: address).status == 200)
        }
    }
}
