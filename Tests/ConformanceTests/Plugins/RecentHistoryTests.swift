import AMQPProtocol
import Broker
import BrokerServer
import Foundation
import RecentHistoryExchange
import Testing

/// `x-recent-history`, as clients see it.
@Suite(.ownServer, .timeLimit(.minutes(2))) struct RecentHistoryTests {
    private static func withChannel(
        _ configure: (inout ServerConfiguration) throws -> Void = { _ in },
        _ body: (WireChannel) async throws -> Void
    ) async throws {
        try await BrokerUnderTest.withServer(plugins: [RecentHistoryExchangePlugin()], configure) { broker in
            let client = try await WireClient.open(broker)
            try await body(try await client.openChannel())
            try await client.close()
        }
    }

    /// Takes all that is in the queue.
    private static func texts(_ queue: String, _ channel: WireChannel) async throws -> [String] {
        var texts: [String] = []
        while let message = try await channel.get(queue) { texts.append(message.text) }
        return texts
    }

    private static func history(_ channel: WireChannel, of exchange: String) async throws -> [String] {
        let queue = try await channel.declareQueue()
        try await channel.bind(queue, to: exchange)
        return try await texts(queue, channel)
    }

    @Test("each queue gets the last messages as it is bound, in order, and then all that come")
    func replay() async throws {
        try await Self.withChannel { channel in
            let exchange = try await channel.declareExchange(
                "x-recent-history", arguments: ["x-recent-history-length": .int32(3)])
            let early = try await channel.declareQueue()
            try await channel.bind(early, to: exchange)
            try await channel.publishConfirmed(["1", "2", "3", "4", "5"], to: exchange, key: "k")
            let late = try await channel.declareQueue()
            try await channel.bind(late, to: exchange)
            try await channel.publish("6", to: exchange, key: "k")
            try await channel.awaitConfirms(from: 6, through: 6)
            #expect(try await Self.texts(early, channel) == ["1", "2", "3", "4", "5", "6"])
            #expect(try await Self.texts(late, channel) == ["3", "4", "5", "6"])
            // Binding again what is bound brings nothing.
            try await channel.bind(late, to: exchange)
            #expect(try await Self.texts(late, channel) == [])
            #expect(try await Self.history(channel, of: exchange) == ["4", "5", "6"])
        }
    }

    @Test("twenty are kept if nothing is said, and none with the header that says so")
    func defaults() async throws {
        try await Self.withChannel { channel in
            let exchange = try await channel.declareExchange("x-recent-history")
            try await channel.publishConfirmed((0..<25).map { "\($0)" }, to: exchange, key: "")
            for isKept in [true, false] {
                try await channel.publish(
                    "\(isKept)", to: exchange, key: "",
                    BasicProperties(headers: ["x-recent-history-no-store": .boolean(!isKept)]))
            }
            try await channel.awaitConfirms(from: 26, through: 27)
            #expect(try await Self.history(channel, of: exchange) == (6..<25).map { "\($0)" } + ["true"])
        }
    }

    @Test("what is only kept is unroutable: returned, or sent on to the alternate exchange")
    func unroutable() async throws {
        try await Self.withChannel { channel in
            let exchange = try await channel.declareExchange("x-recent-history")
            try await channel.publish("1", to: exchange, key: "k", mandatory: true)
            #expect(try await channel.nextReturn().text == "1")
            let queue = try await channel.declareQueue()
            let other = try await channel.declareExchange("fanout")
            try await channel.bind(queue, to: other)
            let sending = try await channel.declareExchange(
                "x-recent-history", arguments: ["alternate-exchange": .string(other)])
            try await channel.publish("2", to: sending, key: "k", mandatory: true)
            #expect(try await channel.getMessage(queue).text == "2")
            #expect(try await Self.history(channel, of: exchange) == ["1"])
            #expect(try await Self.history(channel, of: sending) == ["2"])
        }
    }

    @Test("an exchange that is bound routes what was kept")
    func boundExchange() async throws {
        try await Self.withChannel { channel in
            let exchange = try await channel.declareExchange("x-recent-history")
            try await channel.publishConfirmed(["no"], to: exchange, key: "b")
            try await channel.publish("yes", to: exchange, key: "a")
            try await channel.awaitConfirms(from: 2, through: 2)
            let direct = try await channel.declareExchange("direct")
            let queue = try await channel.declareQueue()
            try await channel.bind(queue, to: direct, "a")
            try await channel.call(ExchangeBind(destination: direct, source: exchange), ExchangeBindOk.self)
            #expect(try await Self.texts(queue, channel) == ["yes"])
        }
    }

    @Test("a durable exchange has its persistent messages after a restart, and a new one of its name has none")
    func restart() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "harrier-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for run in 0..<2 {
            try await Self.withChannel({ $0.broker.dataDirectory = folder.path }) { channel in
                if run == 0 {
                    _ = try await channel.declareExchange("x-recent-history", "news", durable: true)
                    try await channel.publishConfirmed(["1"], to: "news", key: "", BasicProperties(deliveryMode: 2))
                    try await channel.publish("lost", to: "news", key: "")
                    try await channel.publish("2", to: "news", key: "", BasicProperties(deliveryMode: 2))
                    try await channel.awaitConfirms(from: 2, through: 3)
                } else {
                    #expect(try await Self.history(channel, of: "news") == ["1", "2"])
                    try await channel.call(ExchangeDelete(exchange: "news"), ExchangeDeleteOk.self)
                    _ = try await channel.declareExchange("x-recent-history", "news", durable: true)
                    #expect(try await Self.history(channel, of: "news") == [])
                }
            }
        }
    }

    @Test(
        "a length has to be a number above zero",
        arguments: [.int32(0), .int32(-1), .string("10"), .int32(10_001)] as [FieldValue])
    func refusals(length: FieldValue) async throws {
        try await Self.withChannel { channel in
            let arguments: FieldTable = ["x-recent-history-length": length]
            try await channel.expectRefusal(
                ExchangeDeclare(exchange: unique("x"), type: "x-recent-history", arguments: arguments),
                .preconditionFailed, .starting("PRECONDITION_FAILED - Invalid argument "))
        }
    }
}
