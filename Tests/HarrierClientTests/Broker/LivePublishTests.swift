import HarrierClient
import NIOCore
import Testing

@Suite(.enabled(if: LiveBroker.url != nil, LiveBroker.whySkipped), .timeLimit(.minutes(2)))
struct LivePublishTests {
    @Test func aConfirmedMessageIsInTheQueue() async throws {
        try await LiveBroker.withQueue { channel, queue in
            let properties = BasicProperties(
                contentType: "text/plain", headers: ["n": .int64(7)], deliveryMode: 2, messageID: "m-1")
            try await channel.publishConfirmed("hello".utf8, routingKey: queue, properties: properties)
            let delivery = try #require(try await channel.get(from: queue, acknowledgement: .automatic))
            #expect(delivery.text == "hello")
            #expect(delivery.properties == properties)
            #expect(delivery.routingKey == queue)
            #expect(delivery.exchange.isEmpty)
            #expect(delivery.remainingCount == 0)
            #expect(!delivery.isRedelivered)
        }
    }

    @Test func aMandatoryMessageWithoutAQueueComesBack() async throws {
        try await LiveBroker.withChannel { channel in
            let error = try await LiveBroker.error { () throws(AMQPClientError) in
                try await channel.publishConfirmed("lost?".utf8, routingKey: "no-such-queue-anywhere")
            }
            #expect(error.code == .publishReturned)
            #expect(error.replyCode == .noRoute)
            #expect(error.returnedMessage?.routingKey == "no-such-queue-anywhere")
            // The channel goes on.
            try await channel.publishConfirmed("x".utf8, routingKey: "no-such-queue-anywhere", mandatory: false)
        }
    }

    @Test func amongManyTheReturnedOneIsBlamed() async throws {
        try await LiveBroker.withQueue { channel, queue in
            let failures = try await withThrowingTaskGroup(of: Int?.self) { group in
                for number in 0..<500 {
                    group.addTask {
                        let isLost = number % 7 == 3
                        do {
                            try await channel.publishConfirmed(
                                "\(number)".utf8, routingKey: isLost ? "no-such-queue-anywhere" : queue)
                            return nil
                        } catch let error as AMQPClientError where error.code == .publishReturned {
                            #expect(error.returnedMessage.map { String(buffer: $0.body) } == "\(number)")
                            return number
                        }
                    }
                }
                return try await group.reduce(into: Set<Int>()) { if let number = $1 { $0.insert(number) } }
            }
            #expect(failures == Set((0..<500).filter { $0 % 7 == 3 }))
        }
    }

    @Test func theWindowHoldsPublishersBackAndLosesNothing() async throws {
        let url = try #require(LiveBroker.url)
        try await HarrierConnection.withConnection(to: url) { connection in
            let channel = try await connection.openChannel(confirmWindow: 3)
            let queue = try await channel.declareQueue(exclusive: true)
            try await withThrowingDiscardingTaskGroup { group in
                for number in 0..<200 {
                    group.addTask { try await channel.publishConfirmed("\(number)".utf8, routingKey: queue.name) }
                }
            }
            #expect(try await channel.checkQueue(queue.name).messageCount == 200)
        }
    }

    @Test func oneTaskPublishesInOrderAndWaitsOnce() async throws {
        try await LiveBroker.withQueue { channel, queue in
            try await channel.enableConfirms()
            for number in 0..<5_000 { try await channel.publish("\(number)".utf8, routingKey: queue) }
            try await channel.waitForConfirms()
            #expect(try await channel.checkQueue(queue).messageCount == 5_000)
            var expected = 0
            for try await delivery in try await channel.consume(queue, acknowledgement: .automatic) {
                #expect(delivery.text == "\(expected)")
                expected += 1
                if expected == 5_000 { break }
            }
        }
    }

    @Test func aRefusedMessageThrows() async throws {
        try await LiveBroker.withQueue(
            arguments: ["x-max-length": .int32(1), "x-overflow": .string("reject-publish")]
        ) { channel, queue in
            try await channel.publishConfirmed("1".utf8, routingKey: queue)
            let error = try await LiveBroker.error { () throws(AMQPClientError) in
                try await channel.publishConfirmed("2".utf8, routingKey: queue)
            }
            #expect(error.code == .publishRefused)
            try await channel.publish("3".utf8, routingKey: queue)
            let late = try await LiveBroker.error { () throws(AMQPClientError) in
                try await channel.waitForConfirms()
            }
            #expect(late.code == .publishRefused)
            try await channel.waitForConfirms()
        }
    }

    @Test func aLargeBodyIsSplitAndPutTogether() async throws {
        try await LiveBroker.withQueue { channel, queue in
            let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            try await channel.publishConfirmed(body, routingKey: queue)
            try await channel.publishConfirmed([], routingKey: queue)
            let large = try #require(try await channel.get(from: queue))
            #expect(large.body.readableBytesView.elementsEqual(body))
            let empty = try #require(try await channel.get(from: queue))
            #expect(empty.body.readableBytes == 0)
            try channel.acknowledge(empty, multiple: true)
        }
    }

    @Test func anUnknownExchangeFailsEveryPublisher() async throws {
        try await LiveBroker.withChannel { channel in
            await withTaskGroup(of: AMQPClientError?.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        do throws(AMQPClientError) {
                            try await channel.publishConfirmed("x".utf8, to: "no-such-exchange", routingKey: "k")
                            return nil
                        } catch {
                            return error
                        }
                    }
                }
                for await error in group {
                    #expect(error?.code == .channelClosedByServer)
                    #expect(error?.replyCode == .notFound)
                }
            }
            let later = try await LiveBroker.error { () throws(AMQPClientError) in
                try await channel.publish("x".utf8, routingKey: "k")
            }
            #expect(later.replyCode == .notFound)
            // The connection and its other channels go on.
            #expect(channel.connection.isOpen)
            try await channel.connection.withChannel { _ = try await $0.declareQueue(exclusive: true) }
        }
    }
}
