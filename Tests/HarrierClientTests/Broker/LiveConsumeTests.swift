import HarrierClient
import NIOCore
import Testing

@Suite(.enabled(if: LiveBroker.url != nil, LiveBroker.whySkipped), .timeLimit(.minutes(2)))
struct LiveConsumeTests {
    @Test func acknowledgedMessagesAreGoneAndOthersComeBack() async throws {
        let queue = LiveBroker.uniqueName("ack")
        try await LiveBroker.withChannel { channel in
            try await channel.declareQueue(queue)
            for number in 0..<10 { try await channel.publishConfirmed("\(number)".utf8, routingKey: queue) }
            var seen = 0
            for try await delivery in try await channel.consume(queue, prefetch: 4) {
                #expect(!delivery.isRedelivered)
                if delivery.text != "3" { try channel.acknowledge(delivery) }
                seen += 1
                if seen == 5 { break }
            }
        }
        try await LiveBroker.withChannel { channel in
            var left: [String] = []
            for try await delivery in try await channel.consume(queue) {
                #expect(delivery.isRedelivered == (delivery.text == "3") || delivery.text > "4")
                left.append(delivery.text)
                try channel.acknowledge(delivery)
                if left.count == 6 { break }
            }
            #expect(left == ["3", "5", "6", "7", "8", "9"])
            try await channel.deleteQueue(queue)
        }
    }

    @Test func breakingOffGivesBackWhatNobodyHasSeen() async throws {
        try await LiveBroker.withQueue { channel, queue in
            for number in 0..<20 { try await channel.publishConfirmed("\(number)".utf8, routingKey: queue) }
            for try await delivery in try await channel.consume(queue) {
                try channel.acknowledge(delivery)
                break
            }
            // The channel is still open: without being given back they would stay with the first consumer.
            var seen = Set<String>()
            for try await delivery in try await channel.consume(queue) {
                try channel.acknowledge(delivery)
                seen.insert(delivery.text)
                if seen.count == 19 { break }
            }
            #expect(seen == Set((1..<20).map { "\($0)" }))
        }
    }

    @Test func cancelEndsTheIteration() async throws {
        try await LiveBroker.withQueue { channel, queue in
            let deliveries = try await channel.consume(queue, consumerTag: "mine")
            #expect(deliveries.consumerTag == "mine")
            async let count = deliveries.reduce(0) { count, _ in count + 1 }
            try await channel.publishConfirmed("x".utf8, routingKey: queue)
            try await deliveries.cancel()
            let received = try await count
            #expect(received == 1)
        }
    }

    @Test func deletingTheQueueEndsItsConsumerWithAnError() async throws {
        try await LiveBroker.withQueue { channel, queue in
            let deliveries = try await channel.consume(queue)
            try await channel.publishConfirmed("x".utf8, routingKey: queue)
            try await channel.deleteQueue(queue)
            var iterator = deliveries.makeAsyncIterator()
            #expect(try await iterator.next()?.text == "x")
            let error = try await LiveBroker.error { () throws(AMQPClientError) in _ = try await iterator.next() }
            #expect(error.code == .consumerCancelledByServer)
        }
    }

    @Test func aCancelledTaskSeesTheEnd() async throws {
        try await LiveBroker.withQueue { channel, queue in
            let deliveries = try await channel.consume(queue)
            let task = Task { try await deliveries.reduce(0) { count, _ in count + 1 } }
            task.cancel()
            #expect(try await task.value == 0)
        }
    }

    @Test func rejectedAndRecoveredMessagesComeAgain() async throws {
        try await LiveBroker.withQueue { channel, queue in
            try await channel.publishConfirmed("x".utf8, routingKey: queue)
            let first = try #require(try await channel.get(from: queue))
            try channel.reject(first, requeue: true)
            let second = try #require(try await channel.get(from: queue))
            #expect(second.isRedelivered)
            try await channel.recover()
            let third = try #require(try await channel.get(from: queue))
            #expect(third.isRedelivered)
            try channel.reject(tag: third.deliveryTag, multiple: true, requeue: false)
            #expect(try await channel.get(from: queue) == nil)
        }
    }

    @Test func anUnknownTagClosesTheChannelAlone() async throws {
        try await LiveBroker.withQueue { channel, queue in
            let deliveries = try await channel.consume(queue)
            try channel.acknowledge(tag: 99)
            var iterator = deliveries.makeAsyncIterator()
            let error = try await LiveBroker.error { () throws(AMQPClientError) in _ = try await iterator.next() }
            #expect(error.code == .channelClosedByServer)
            #expect(error.replyCode == .preconditionFailed)
            #expect(error.method?.description == "basic.ack")
            #expect(throws: AMQPClientError.self) { try channel.acknowledge(tag: 1) }
            #expect(channel.connection.isOpen)
        }
    }

    @Test func aSlowConsumerWithoutAcknowledgementsHoldsTheBrokerBack() async throws {
        var configuration = try ConnectionConfiguration(url: try #require(LiveBroker.url))
        configuration.receiveBufferBytesMax = 200_000
        try await HarrierConnection.withConnection(to: configuration) { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            try await channel.enableConfirms()
            let body = [UInt8](repeating: 7, count: 10_000)
            for _ in 0..<500 { try await channel.publish(body, routingKey: queue) }
            try await channel.waitForConfirms()
            var count = 0
            for try await delivery in try await channel.consume(queue, acknowledgement: .automatic) {
                #expect(delivery.body.readableBytes == body.count)
                count += 1
                // What is asked meanwhile is answered, though the socket is read no further than it must be.
                if count == 5 { _ = try await channel.checkQueue(queue) }
                if count == 500 { break }
            }
        }
    }
}
