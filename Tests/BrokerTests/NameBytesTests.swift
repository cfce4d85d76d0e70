import AMQPProtocol
import Testing

@testable import Broker

/// Texts that Unicode takes for equivalent are different names, also to the journal.
@Suite struct NameBytesTests {
    private static let names = ["caf\u{E9}", "cafe\u{301}"]

    @Test("queues, exchanges and bindings of equivalent names come back after a restart, each with its own")
    func topology() throws {
        let broker = try BrokerFixture()
        for name in Self.names {
            let host = try broker.host
            try host.declareExchange(name, ExchangeProperties(type: "direct", isDurable: true))
            try broker.queue(name)
            for key in Self.names {
                try host.bind(
                    try host.existingExchange(name), to: .queue(try host.existingQueue(name)), routingKey: key,
                    arguments: [:])
            }
        }
        // What is deleted of one says nothing of the other.
        try broker.queue("gone" + Self.names[0])
        try broker.queue("gone" + Self.names[1])
        _ = try broker.host.deleteQueue(
            try broker.host.existingQueue("gone" + Self.names[0]), ifUnused: false, ifEmpty: false)
        broker.core.endBurst()
        try broker.restart()
        let host = try broker.host
        for name in Self.names {
            let exchange = try host.existingExchange(name)
            #expect(exchange.outgoing.count == 2)
            #expect(exchange.name.hasSameBytes(as: name))
            #expect(exchange.outgoing.values.allSatisfy { $0.target.name.hasSameBytes(as: name) })
        }
        #expect(host.queue(named: "gone" + Self.names[0]) == nil)
        #expect(host.queue(named: "gone" + Self.names[1]) != nil)
    }

    @Test("users, virtual hosts and permissions")
    func access() throws {
        let broker = try BrokerFixture()
        let access = broker.core.access
        for (index, name) in Self.names.enumerated() {
            broker.core.addVirtualHost(name)
            access.put(User(name: name, password: PasswordHash(hashing: "\(index)"), tags: []))
            access.setPermission(
                Permission(configure: "^\(index)$", write: "", read: ""), user: name, virtualHost: name)
        }
        broker.core.endBurst()
        try broker.restart()
        for (index, name) in Self.names.enumerated() {
            let user = try broker.core.access.authenticate(
                user: name, password: Array("\(index)".utf8), isLoopback: true)
            let session = try Session(user: user, virtualHost: name, core: broker.core)
            #expect(throws: Never.self) { try session.require(.configure, .queue, "\(index)") }
            #expect(throws: AMQPException.self) { try session.require(.configure, .queue, "\(1 - index)") }
            #expect(throws: AMQPException.self) {
                try Session(user: user, virtualHost: Self.names[1 - index], core: broker.core)
            }
        }
    }

    @Test("field tables and cycle detection")
    func tables() {
        let table = FieldTable(Self.names.map { FieldTable.Entry(name: $0, value: .string($0)) })
        for name in Self.names { #expect(table[name] == .string(name)) }
        #expect(
            FieldTable([table.entries[0]])
                != FieldTable([FieldTable.Entry(name: Self.names[1], value: table.entries[0].value)]))
        #expect(WireName(Self.names[0]) != WireName(Self.names[1]))
        #expect(Set(Self.names.map { WireName($0) }).count == 2)
        #expect(WireName("a") < WireName("b") && WireName("a") == "a")
    }
}
