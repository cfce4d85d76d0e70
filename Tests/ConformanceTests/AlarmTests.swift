import AMQPProtocol
import Broker
import BrokerServer
import Testing

extension Conformance {
    /// connection.blocked and unblocked. On servers of their own, since an alarm is everybody's.
    @Suite(.ownServer) struct Alarms {
        @Test("a connection that publishes during an alarm is told, and not read until it is over")
        func blocked() async throws {
            try await withAlarmedServer { broker, server in
                let publisher = try await WireClient.open(broker).openChannel()
                let queue = try await publisher.declareQueue(exclusive: false)
                // The publish that meets the alarm waits already, and so does what follows it.
                try await publisher.publish("first", key: queue)
                #expect(try await publisher.client.next(ConnectionBlocked.self).reason == "low on memory")
                try await publisher.publish("second", key: queue)
                try await publisher.send(BasicGet(queue: queue, noAck: true))
                let watcher = try await WireClient.open(broker).openChannel()
                #expect(try await watcher.get(queue) == nil)
                try await server.withBroker { $0.setResourceAlarm(nil) }
                try await publisher.client.next(ConnectionUnblocked.self)
                #expect(try await publisher.next(BasicGetOk.self).messageCount == 1)
            }
        }

        @Test("a connection that published before the alarm goes on until it publishes again")
        func publishedBefore() async throws {
            try await BrokerUnderTest.withServer { broker in
                let server = try #require(broker.server)
                let channel = try await WireClient.open(broker).openChannel()
                let queue = try await channel.declareQueue()
                for text in ["a", "b"] { try await channel.publish(text, key: queue) }
                #expect(try await channel.getMessage(queue).text == "a")
                try await server.withBroker { $0.setResourceAlarm("low on disk") }
                #expect(try await channel.getMessage(queue).text == "b")
                try await channel.publish("c", key: queue)
                #expect(try await channel.client.next(ConnectionBlocked.self).reason == "low on disk")
                try await server.withBroker { $0.setResourceAlarm(nil) }
                try await channel.client.next(ConnectionUnblocked.self)
                #expect(try await channel.getMessage(queue).text == "c")
            }
        }

        @Test("consumers and everybody who does not publish go on")
        func othersGoOn() async throws {
            try await BrokerUnderTest.withServer { broker in
                let server = try #require(broker.server)
                let publisher = try await WireClient.open(broker).openChannel()
                let consumer = try await WireClient.open(broker).openChannel()
                let queue = try await consumer.declareQueue()
                try await publisher.publishConfirmed(["a", "b"], key: queue)
                try await server.withBroker { $0.setResourceAlarm("low on memory") }
                try await consumer.consume(queue)
                for text in ["a", "b"] { #expect(try await consumer.nextDelivery().text == text) }
                try await consumer.send(BasicAck(deliveryTag: 2, multiple: true))
                #expect(try await consumer.messageCount(queue) == 0)
            }
        }

        @Test("a client without the capability is held as well, but not told")
        func untold() async throws {
            try await withAlarmedServer { broker, server in
                let publisher = try await WireClient.open(broker, capabilities: [:]).openChannel()
                let queue = try await publisher.declareQueue()
                try await publisher.publish("a", key: queue)
                try await publisher.publish("b", key: queue)
                try await publisher.send(BasicGet(queue: queue, noAck: true))
                try await server.withBroker { $0.setResourceAlarm(nil) }
                #expect(try await publisher.next(BasicGetOk.self).messageCount == 1)
            }
        }

        @Test("confirms come during an alarm, for what was taken")
        func confirms() async throws {
            try await withAlarmedServer { broker, _ in
                let publisher = try await WireClient.open(broker, capabilities: [:]).openChannel()
                let queue = try await publisher.declareQueue(durable: true, exclusive: false)
                try await publisher.call(ConfirmSelect(), ConfirmSelectOk.self)
                // Without a body it is complete with the header that meets the alarm.
                try await publisher.publish("", key: queue, BasicProperties(deliveryMode: 2))
                try await publisher.awaitConfirms(through: 1)
            }
        }

        @Test("a blocked connection is not cut off for its silence")
        func heartbeats() async throws {
            try await withAlarmedServer { broker, server in
                let client = try await WireClient.open(broker, heartbeatSeconds: 1)
                let publisher = try await client.openChannel()
                try await publisher.publish("a", key: unique("nobody"))
                try await client.next(ConnectionBlocked.self)
                // Eight half intervals of the server's heartbeats, without one of ours.
                for _ in 0..<8 { #expect(try await client.nextFrameOfAnyType().type == .heartbeat) }
                try await server.withBroker { $0.setResourceAlarm(nil) }
                try await client.next(ConnectionUnblocked.self)
                try await client.expectAlive()
            }
        }

        private func withAlarmedServer(
            _ body: (BrokerUnderTest, BrokerServer) async throws -> Void
        ) async throws {
            try await BrokerUnderTest.withServer { broker in
                let server = try #require(broker.server)
                try await server.withBroker { $0.setResourceAlarm("low on memory") }
                try await body(broker, server)
            }
        }
    }
}
