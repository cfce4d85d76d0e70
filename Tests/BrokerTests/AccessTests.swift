import AMQPProtocol
import Testing

@testable import Broker

@Suite struct AccessTests {
    @Test("RabbitMQ's password hashes are understood")
    func rabbitHash() throws {
        // The worked example of RabbitMQ's documentation: salt 908D C60A, password "test12".
        let hash = try #require(
            PasswordHash(algorithm: .sha256, base64: "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"))
        #expect(hash.matches(Array("test12".utf8)))
        #expect(!hash.matches(Array("test13".utf8)))
        #expect(PasswordHash(algorithm: .sha512, base64: "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR") == nil)
    }

    @Test("a hash survives the journal")
    func journal() {
        let hash = PasswordHash(hashing: "secret")
        #expect(PasswordHash(journalText: hash.journalText) == hash)
        #expect(!hash.journalText.contains("secret"))
    }

    @Test(
        "permission patterns match anywhere in the name",
        arguments: [
            (".*", "anything", true), ("", "", true), ("", "q", false), ("^$", "q", false),
            ("^orders", "orders.new", true),
            ("^orders$", "orders.new", false), ("new", "orders.new", true), ("[", "anything", false),
        ])
    func patterns(pattern: String, name: String, matches: Bool) {
        #expect(NamePattern(pattern).matches(name) == matches)
    }

    @Test("guest logs in from this machine only")
    func loopback() throws {
        let broker = try BrokerFixture()
        let access = broker.core.access
        let password = Array("guest".utf8)
        #expect(throws: Never.self) { try access.authenticate(user: "guest", password: password, isLoopback: true) }
        #expect(throws: AccessControl.LoginFailure.onlyFromLoopback) {
            try access.authenticate(user: "guest", password: password, isLoopback: false)
        }
        #expect(throws: AccessControl.LoginFailure.wrongPassword) {
            try access.authenticate(user: "guest", password: [], isLoopback: true)
        }
    }

    @Test("a session asks anew when permissions change")
    func changes() throws {
        let broker = try BrokerFixture()
        broker.core.access.put(User(name: "u", password: nil, tags: []))
        let user = try #require(broker.core.access.users["u"])
        #expect(throws: AMQPException.self) { try Session(user: user, virtualHost: "/", core: broker.core) }
        broker.core.access.setPermission(
            Permission(configure: "", write: "^q", read: ".*"), user: "u", virtualHost: "/")
        let session = try Session(user: user, virtualHost: "/", core: broker.core)
        #expect(throws: Never.self) { try session.require(.write, .queue, "q") }
        #expect(
            throws: AMQPException.channel(.accessRefused, "access to queue 'x' in vhost '/' refused for user 'u'")
        ) { try session.require(.write, .queue, "x") }
        broker.core.access.setPermission(.all, user: "u", virtualHost: "/")
        #expect(throws: Never.self) { try session.require(.write, .queue, "x") }
    }
}
