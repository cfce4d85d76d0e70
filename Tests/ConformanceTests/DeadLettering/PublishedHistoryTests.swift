import AMQPProtocol
import Testing

extension Conformance.DeadLettering {
    /// Headers about deaths that clients publish: they say nothing about what the broker did.
    @Suite struct PublishedHistory {
        /// As a message comes out that has died in that queue.
        private func history(queue: String, reason: String = "rejected", count: Int64 = 5) -> FieldTable {
            let death: FieldTable = [
                "count": .int64(count), "reason": .string(reason), "queue": .string(queue), "time": .timestamp(1),
                "exchange": .string("old"), "routing-keys": .array([.string("old")]),
            ]
            var headers: FieldTable = ["x-death": .array([.table(death)])]
            for place in ["first", "last"] {
                headers["x-\(place)-death-reason"] = .string("old")
                headers["x-\(place)-death-queue"] = .string("old")
                headers["x-\(place)-death-exchange"] = .string("old")
            }
            return headers
        }

        @Test("a published history passes through a queue as it is")
        func passedThrough() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            let headers = history(queue: queue)
            try await channel.publish("m", key: queue, BasicProperties(headers: headers))
            #expect(try await channel.getMessage(queue).headers == headers)
        }

        @Test(
            "the next death replaces a published x-death: history and counts begin anew",
            .harrierOnly("RabbitMQ 3.10 goes on from what is published"))
        func replaced() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(arguments: sink.arguments())
            try await channel.publish("m", key: work, BasicProperties(headers: history(queue: work)))
            try await channel.rejectNext(of: work)
            let deaths = try await sink.next().deaths
            #expect(deaths.map { $0["count"] } == [.int64(1)])
            #expect(deaths.map { $0["routing-keys"] } == [.array([.string(work)])])
            #expect(deaths.map { $0["time"] } != [.timestamp(1)])
        }

        @Test(
            "a death overrides published x-first-death-… and x-last-death-…",
            .harrierOnly("RabbitMQ 3.10 keeps the first, and does not know the last"))
        func overridden() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(arguments: sink.arguments())
            var headers = history(queue: work)
            headers["x-death"] = nil
            headers["mine"] = .int32(1)
            try await channel.publish("m", key: work, BasicProperties(headers: headers))
            try await channel.rejectNext(of: work)
            let received = try await sink.next().headers
            for place in ["first", "last"] {
                #expect(received["x-\(place)-death-reason"] == .string("rejected"))
                #expect(received["x-\(place)-death-queue"] == .string(work))
                #expect(received["x-\(place)-death-exchange"] == .string(""))
            }
            #expect(received["mine"] == .int32(1))
        }

        @Test(
            "a dead letter that a client publishes again, headers and all, has died for the first time when it dies",
            .harrierOnly("RabbitMQ 3.10 goes on from what is published"))
        func publishedAgain() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(arguments: sink.arguments())
            try await channel.publish("m", key: work)
            for _ in 1...3 {
                try await channel.rejectNext(of: work)
                let letter = try await sink.next()
                #expect(try letter.deaths.map { $0["count"] } == [.int64(1)])
                try await channel.publish("m", key: work, letter.properties)
            }
        }

        @Test("a published x-death that is no list is replaced as well")
        func noList() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(arguments: sink.arguments())
            try await channel.publish(
                "m", key: work, BasicProperties(headers: ["x-death": .string("[{count: 3}]")]))
            try await channel.rejectNext(of: work)
            #expect(try await sink.next().deaths.map { $0["count"] } == [.int64(1)])
        }

        @Test(
            "a published x-death makes no cycle", .harrierOnly("RabbitMQ 3.10 goes on from what is published"))
        func noCycle() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(arguments: sink.arguments(["x-message-ttl": .int32(20)]))
            let headers = history(queue: sink.queue, reason: "expired")
            try await channel.publish("m", key: work, BasicProperties(headers: headers))
            #expect(try await sink.next().deaths.map { $0["queue"] } == [.string(work)])
        }
    }
}
