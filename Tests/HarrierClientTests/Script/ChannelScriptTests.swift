import AMQPProtocol
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import HarrierClient

@Suite(.timeLimit(.minutes(1)))
struct ChannelScriptTests {
    private static let deliver = BasicDeliver(consumerTag: "c", deliveryTag: 1, exchange: "", routingKey: "q")

    /// The tasks' results, each of which may be an error.
    private static func code(_ work: () async throws(AMQPClientError) -> Void) async -> AMQPClientError.Code? {
        do {
            try await work()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func confirmsAreAskedForOnceAndWaitedFor() async throws {
        try await ScriptedBroker.withChannel { broker, channel in
            for tag in 1...2 as ClosedRange<UInt64> {
                async let published: Void = channel.publishConfirmed("m".utf8, routingKey: "q")
                if tag == 1 {
                    #expect(try await broker.nextMethod() == .confirmSelect(ConfirmSelect()))
                    try await broker.send(.confirmSelectOk(ConfirmSelectOk()))
                }
                let publish = BasicPublish(exchange: "", routingKey: "q", mandatory: true)
                #expect(try await broker.next() == .method(channel: 1, .basicPublish(publish)))
                #expect(try await broker.next() == .header(bodyBytes: 1))
                #expect(try await broker.next() == .body(Array("m".utf8)))
                try await broker.send(.basicAck(BasicAck(deliveryTag: tag)))
                try await published
            }
        }
    }

    @Test func aFullWindowHoldsTheNextPublishBack() async throws {
        try await ScriptedBroker.withChannel(confirmWindow: 1) { broker, channel in
            async let first: Void = channel.publishConfirmed("1".utf8, routingKey: "q")
            for _ in 0..<4 { _ = try await broker.next() }
            async let second: Void = channel.publishConfirmed("2".utf8, routingKey: "q")
            async let third: Void = channel.publish("3".utf8, routingKey: "q")
            // Something that is sent behind the publishes, and finds that they were not.
            #expect(throws: Never.self) { try channel.acknowledge(tag: 9) }
            #expect(try await broker.nextMethod() == .basicAck(BasicAck(deliveryTag: 9)))
            try await broker.send(.basicAck(BasicAck(deliveryTag: 1)))
            try await first
            for tag in 2...3 as ClosedRange<UInt64> {
                guard case .basicPublish = try await broker.nextMethod() else {
                    Issue.record("no publish")
                    return
                }
                _ = try await (broker.next(), broker.next())
                try await broker.send(.basicAck(BasicAck(deliveryTag: tag)))
            }
            _ = try await (second, third)
        }
    }

    @Test func aSocketThatTakesNoMoreHoldsPublishersBack() async throws {
        var configuration = ConnectionConfiguration(host: "h")
        configuration.sendBufferBytesMax = 1000
        try await ScriptedBroker.withChannel(configuration) { broker, channel in
            broker.socket.isWritable = false
            let sent = Atomic(0)
            async let publishing: Void = {
                for _ in 0..<10 {
                    try await channel.publish([UInt8](repeating: 1, count: 600), routingKey: "q")
                    sent.add(1, ordering: .relaxed)
                }
            }()
            // The second one comes to lie beyond the limit, and the third waits.
            while sent.load(ordering: .relaxed) < 2 { await Task.yield() }
            await broker.socket.testingEventLoop.run()
            #expect(sent.load(ordering: .relaxed) == 2)
            broker.socket.isWritable = true
            broker.socket.pipeline.fireChannelWritabilityChanged()
            for _ in 0..<30 { _ = try await broker.next() }
            try await publishing
        }
    }

    @Test func whoWaitedForRoomIsSentWithoutAnythingElseHappening() async throws {
        var configuration = ConnectionConfiguration(host: "h")
        configuration.sendBufferBytesMax = 1000
        try await ScriptedBroker.withChannel(configuration) { broker, channel in
            broker.socket.isWritable = false
            try await channel.publish([UInt8](repeating: 1, count: 1200), routingKey: "q")
            async let second: Void = channel.publish("2".utf8, routingKey: "q")
            while channel.core.waitingCallCount < 1 { await Task.yield() }
            broker.socket.isWritable = true
            broker.socket.pipeline.fireChannelWritabilityChanged()
            for _ in 0..<5 { _ = try await broker.next() }
            #expect(try await broker.next() == .body(Array("2".utf8)))
            try await second
        }
    }

    @Test func confirmsThatComeWhileClosingCount() async throws {
        try await ScriptedBroker.withChannel { broker, channel in
            async let first = Self.code { () throws(AMQPClientError) in
                try await channel.publishConfirmed("1".utf8, routingKey: "q")
            }
            for _ in 0..<4 { _ = try await broker.next() }
            async let second = Self.code { () throws(AMQPClientError) in
                try await channel.publishConfirmed("2".utf8, routingKey: "q")
            }
            for _ in 0..<3 { _ = try await broker.next() }
            let connection = broker.connection
            async let closed: Void = connection.close()
            _ = try await broker.next()
            try await broker.send(.basicAck(BasicAck(deliveryTag: 1)))
            try await broker.send(.connectionCloseOk(ConnectionCloseOk()), channel: 0)
            await closed
            #expect(await first == nil)
            #expect(await second == .connectionClosed)
        }
    }

    @Test func aReturnWithoutAWaiterIsTold() async throws {
        let returned = Mutex<[ReturnedMessage]>([])
        try await ScriptedBroker.withChannel(onReturn: { message in returned.withLock { $0.append(message) } }) {
            broker, channel in
            try await channel.publish("m".utf8, to: "x", routingKey: "k", mandatory: true)
            for _ in 0..<3 { _ = try await broker.next() }
            let basicReturn = BasicReturn(replyCode: .noRoute, replyText: "NO_ROUTE", exchange: "x", routingKey: "k")
            try await broker.send(.basicReturn(basicReturn), body: "m")
        }
        #expect(returned.withLock { $0.map { String(buffer: $0.body) } } == ["m"])
    }

    @Test func theEndOfTheConnectionIsToldToEveryWaiter() async throws {
        try await ScriptedBroker.withChannel { broker, channel in
            async let declaring = Self.code { () throws(AMQPClientError) in _ = try await channel.declareQueue("q") }
            _ = try await broker.next()
            async let publishing = Self.code { () throws(AMQPClientError) in
                try await channel.publishConfirmed("m".utf8, routingKey: "q")
            }
            for _ in 0..<4 { _ = try await broker.next() }
            async let waiting = Self.code { () throws(AMQPClientError) in try await channel.waitForConfirms() }
            async let consuming = Self.code { () throws(AMQPClientError) in _ = try await channel.consume("q") }
            for _ in 0..<2 { _ = try await broker.next() }
            async let closing: Void = channel.close()
            _ = try await broker.next()
            // `waitForConfirms` sends nothing that could be waited for.
            while channel.core.waitingCallCount < 5 { await Task.yield() }
            try await broker.socket.close()
            let codes = await [declaring, publishing, waiting, consuming]
            #expect(codes == [.connectionLost, .connectionLost, .connectionLost, .connectionLost])
            await closing
        }
    }

    @Test func aCancelledPublisherStopsWaiting() async throws {
        try await ScriptedBroker.withChannel(confirmWindow: 1) { broker, channel in
            let first = Task {
                await Self.code { () throws(AMQPClientError) in
                    try await channel.publishConfirmed("1".utf8, routingKey: "q")
                }
            }
            for _ in 0..<4 { _ = try await broker.next() }
            let second = Task {
                await Self.code { () throws(AMQPClientError) in
                    try await channel.publishConfirmed("2".utf8, routingKey: "q")
                }
            }
            while channel.core.waitingCallCount < 2 { await Task.yield() }
            for task in [second, first] {
                task.cancel()
                #expect(await task.value == .cancelled)
            }
            // The first was sent, and keeps its number; the second was not.
            async let third = Self.code { () throws(AMQPClientError) in
                try await channel.publishConfirmed("3".utf8, routingKey: "q")
            }
            try await broker.send(.confirmSelectOk(ConfirmSelectOk()))
            try await broker.send(.basicAck(BasicAck(deliveryTag: 1)))
            _ = try await (broker.next(), broker.next())
            #expect(try await broker.next() == .body(Array("3".utf8)))
            try await broker.send(.basicAck(BasicAck(deliveryTag: 2)))
            #expect(await third == nil)
        }
    }

    @Test func aConsumerThatIsDroppedIsCancelledAndItsMessagesGoBack() async throws {
        try await ScriptedBroker.withChannel { broker, channel in
            var deliveries: Deliveries? = try await Self.consume(broker, channel)
            try await broker.send(.basicDeliver(Self.deliver), body: "1")
            #expect(deliveries?.consumerTag == "c")
            deliveries = nil
            #expect(try await broker.nextMethod() == .basicCancel(BasicCancel(consumerTag: "c")))
            #expect(try await broker.nextMethod() == .basicNack(BasicNack(deliveryTag: 1, requeue: true)))
            // One that was under way.
            var second = Self.deliver
            second.deliveryTag = 2
            try await broker.send(.basicDeliver(second), body: "2")
            #expect(try await broker.nextMethod() == .basicNack(BasicNack(deliveryTag: 2, requeue: true)))
            try await broker.send(.basicCancelOk(BasicCancelOk(consumerTag: "c")))
            #expect(broker.connection.isOpen)
        }
    }

    private static func consume(_ broker: ScriptedBroker, _ channel: HarrierChannel) async throws -> Deliveries {
        async let consuming = channel.consume("q", prefetch: 7)
        #expect(try await broker.nextMethod() == .basicQos(BasicQos(prefetchCount: 7)))
        #expect(try await broker.nextMethod() == .basicConsume(BasicConsume(queue: "q")))
        try await broker.send(.basicQosOk(BasicQosOk()))
        try await broker.send(.basicConsumeOk(BasicConsumeOk(consumerTag: "c")))
        return try await consuming
    }

    @Test func aChannelThatNobodyHoldsCloses() async throws {
        try await ScriptedBroker.withChannel { broker, first in
            var second: HarrierChannel? = try await Self.openChannel(2, broker)
            #expect(second?.connection === first.connection)
            second = nil
            guard case .method(channel: 2, .channelClose) = try await broker.next() else {
                Issue.record("the channel was not closed")
                return
            }
            // Its number is used again, but only when the broker has answered.
            let third = try await Self.openChannel(3, broker)
            try await broker.send(.channelCloseOk(ChannelCloseOk()), channel: 2)
            let fourth = try await Self.openChannel(2, broker)
            _ = (third, fourth)
        }
    }

    private static func openChannel(_ number: UInt16, _ broker: ScriptedBroker) async throws -> HarrierChannel {
        let connection = broker.connection
        async let opening = connection.openChannel()
        #expect(try await broker.next() == .method(channel: number, .channelOpen(ChannelOpen())))
        try await broker.send(.channelOpenOk(ChannelOpenOk()), channel: number)
        return try await opening
    }

    /// The closure goes with its channel, and with it the last reference to another one, which then closes too.
    @Test func aReturnHandlerMayHoldTheLastReferenceToAChannel() async throws {
        try await ScriptedBroker.withChannel { broker, first in
            var third: HarrierChannel? = try await Self.openChannelThatHoldsAnother(broker)
            #expect(third?.connection === first.connection)
            third = nil
            for number in [2, 3] as [UInt16] {
                guard case .method(channel: number, .channelClose) = try await broker.next() else {
                    Issue.record("channel \(number) was not closed")
                    return
                }
            }
        }
    }

    private static func openChannelThatHoldsAnother(_ broker: ScriptedBroker) async throws -> HarrierChannel {
        let second = try await openChannel(2, broker)
        let connection = broker.connection
        async let opening = connection.openChannel(onReturn: { _ in _ = second })
        #expect(try await broker.next() == .method(channel: 3, .channelOpen(ChannelOpen())))
        try await broker.send(.channelOpenOk(ChannelOpenOk()), channel: 3)
        return try await opening
    }

    @Test func argumentsBeyondAFrameAreRefusedHere() async throws {
        try await ScriptedBroker.withChannel { broker, channel in
            let huge: FieldTable = ["x": .longString([UInt8](repeating: 1, count: 200_000))]
            let declared = await Self.code { () throws(AMQPClientError) in
                _ = try await channel.declareQueue("q", arguments: huge)
            }
            #expect(declared == .invalidArgument)
            let published = await Self.code { () throws(AMQPClientError) in
                try await channel.publish("m".utf8, routingKey: "q", properties: BasicProperties(headers: huge))
            }
            #expect(published == .invalidArgument)
            // Nothing of it was sent, and the channel goes on.
            try channel.acknowledge(tag: 1)
            #expect(try await broker.nextMethod() == .basicAck(BasicAck(deliveryTag: 1)))
        }
    }

    @Test func receivingStopsWhereConsumersAreBehindAndNobodyWaits() async throws {
        var configuration = ConnectionConfiguration(host: "h")
        configuration.receiveBufferBytesMax = 2_000
        try await ScriptedBroker.withChannel(configuration) { broker, channel in
            async let consuming = channel.consume("q", acknowledgement: .automatic)
            _ = try await broker.nextMethod()
            try await broker.send(.basicConsumeOk(BasicConsumeOk(consumerTag: "c")))
            let deliveries = try await consuming
            let core = channel.core
            #expect(core.mayRead)
            try await broker.send(.basicDeliver(Self.deliver), body: String(repeating: "x", count: 3_000))
            #expect(!core.mayRead)
            // A caller that waits for an answer must get it, or both would wait for each other.
            async let declaring = channel.declareQueue("q")
            _ = try await broker.nextMethod()
            #expect(core.mayRead)
            try await broker.send(.queueDeclareOk(QueueDeclareOk(queue: "q")))
            _ = try await declaring
            #expect(!core.mayRead)
            var iterator = deliveries.makeAsyncIterator()
            _ = try await iterator.next()
            #expect(core.mayRead)
        }
    }
}
