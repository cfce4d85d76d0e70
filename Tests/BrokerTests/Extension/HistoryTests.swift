import AMQPProtocol
import Routing
import Testing

@testable import Broker

/// Exchanges that keep their last messages.
@Suite struct HistoryTests {
    private final class KeepingRouter: Router {
        override var historyLength: Int { 30 }

        override func route(
            routingKey: UnsafeRawBufferPointer, properties: PropertiesView, into collector: inout RouteCollector
        ) {}

        override func bind(
            routingKey: UnsafeRawBufferPointer, arguments: FieldTable, to destination: DestinationID
        ) throws(AMQPException) {}

        override func unbind(
            routingKey: UnsafeRawBufferPointer, arguments: FieldTable, from destination: DestinationID
        ) {}
    }

    private static func fixture() throws -> StorageFixture {
        var extensions = BrokerExtensions()
        extensions.exchangeTypes.register("keeping") { _, _ in KeepingRouter() }
        let broker = try StorageFixture(extensions: extensions)
        try broker.host.declareExchange("x", ExchangeProperties(type: "keeping", isDurable: true))
        return broker
    }

    @Test("what is not in memory is handed on when it is", arguments: StorageFixture.Stop.allCases)
    func pagedOut(stop: StorageFixture.Stop) throws {
        let broker = try Self.fixture()
        for number in 0..<50 {
            // Each with most of a page; the cache holds 24 pages.
            try broker.publish("\(number)." + String(repeating: "x", count: 900), to: "x", key: "")
            broker.settle()
        }
        try broker.queue("filler")
        for _ in 0..<200 { try broker.publish(String(repeating: "y", count: 900), key: "filler") }
        broker.settle()
        try broker.stop(stop)
        let queue = try broker.queue("late")
        let exchange = try broker.host.existingExchange("x")
        try broker.host.bind(exchange, to: .queue(queue), routingKey: "", arguments: [:])
        broker.settle()
        let found = try broker.take(queue, count: 0).map { String($0.body.prefix { $0 != "." }) }
        #expect(found == (20..<50).map { "\($0)" })
        #expect(broker.host.queue(named: "late")?.unacknowledgedCount == 30)
    }

    @Test("the history goes with its exchange")
    func deletion() throws {
        let broker = try Self.fixture()
        try broker.publish("1", to: "x", key: "")
        let history = try #require(try broker.host.existingExchange("x").history)
        #expect(history.readyCount == 1)
        try broker.host.deleteExchange("x", ifUnused: false)
        #expect(history.isDeleted && broker.host.internalQueues.isEmpty)
        try broker.stop(.crashWithoutCheckpoint)
        #expect(broker.host.internalQueues.isEmpty)
    }
}
