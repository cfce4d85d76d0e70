import AMQPProtocol
import SeededRandom

/// The names that random clients meet at, and what is there when they come.
enum Meeting {
    static let queues = ["q0", "q1", "q2", "q3"]
    static let exchanges = ["x0", "x1", "x2"]
    static let keys = ["q0", "q1", "q2", "q3", "a.b", "a", ""]

    /// Frames of channel 1, opened before, that declare and bind everything anew.
    static let topology: [UInt8] = {
        let methods: [any AMQPMethod] = [
            ExchangeDeclare(exchange: "x0", type: "fanout"),
            ExchangeDeclare(exchange: "x1", type: "topic", durable: true),
            ExchangeDeclare(exchange: "x2", type: "headers", arguments: ["alternate-exchange": .string("x0")]),
            QueueDeclare(queue: "q0"),
            QueueDeclare(
                queue: "q1", durable: true,
                arguments: ["x-max-length": .int32(5), "x-dead-letter-exchange": .string("x0")]),
            QueueDeclare(
                queue: "q2", durable: true,
                arguments: ["x-max-length": .int32(3), "x-overflow": .string("reject-publish")]),
            QueueDeclare(
                queue: "q3",
                arguments: [
                    "x-max-priority": .int32(3), "x-message-ttl": .int32(500), "x-dead-letter-exchange": .string(""),
                    "x-dead-letter-routing-key": .string("q0"),
                ]),
            QueueBind(queue: "q0", exchange: "x0"),
            QueueBind(queue: "q1", exchange: "x1", routingKey: "a.#"),
            QueueBind(queue: "q2", exchange: "x1", routingKey: "*"),
            QueueBind(queue: "q3", exchange: "x2", arguments: ["x-match": .string("any"), "h": .int32(1)]),
        ]
        return methods.flatMap { wire($0) }
    }()
}

extension SeededGenerator {
    /// What a client may send on a channel with these tags outstanding, sensible more often than not.
    mutating func channelFrames(on channel: UInt16, tags: [UInt64] = [], isTransactional: Bool = false) -> [UInt8] {
        switch next(upTo: 8) {
        case 0...2: publishFrames(on: channel)
        case 3, 4: wire { $0.appendMethodFrame(channel: channel, settlingMethod(tags)) }
        case 5, 6: wire { $0.appendMethodFrame(channel: channel, consumingMethod()) }
        case 7 where isTransactional && once(in: 2):
            once(in: 3) ? wire(TxRollback(), on: channel) : wire(TxCommit(), on: channel)
        default: wire { $0.appendMethodFrame(channel: channel, once(in: 5) ? modeMethod() : topologyMethod()) }
        }
    }

    // Mostly a name that is there; now and then one that can't be, or that is not.

    private mutating func queue() -> String {
        once(in: 20) ? pick(["", "nowhere", "amq.mine", "amq.rabbitmq.reply-to"]) : pick(Meeting.queues)
    }

    private mutating func exchange() -> String {
        switch next(upTo: 20) {
        case 0: pick(["nowhere", "amq.mine"])
        case 1...4: pick(["amq.direct", "amq.fanout", "amq.topic", "amq.headers"])
        case 5...9: ""
        default: pick(Meeting.exchanges)
        }
    }

    private mutating func rarely() -> Bool { once(in: 20) }

    private mutating func publishFrames(on channel: UInt16) -> [UInt8] {
        var properties = BasicProperties()
        if once(in: 2) { properties.deliveryMode = UInt8(1 + next(upTo: 2)) }
        if once(in: 3) { properties.headers = headers() }
        if once(in: 8) { properties.expiration = rarely() ? pick(["-1", "soon"]) : pick(["0", "1", "1000"]) }
        if once(in: 8) { properties.userID = rarely() ? "other" : "guest" }
        if once(in: 8) { properties.priority = UInt8(next(upTo: 256)) }
        if rarely() { properties.replyTo = "amq.rabbitmq.reply-to" }
        return wirePublish(
            bytes(countMax: 40), to: exchange(), key: pick(Meeting.keys), properties, mandatory: once(in: 3),
            on: channel, bodyPartSize: 1 + next(upTo: 40))
    }

    private mutating func headers() -> FieldTable {
        switch next(upTo: 5) {
        case 0: ["CC": .array([.string(pick(Meeting.keys))]), "BCC": .array([.string(pick(Meeting.keys))])]
        case 1: rarely() ? ["CC": .string("not an array")] : [:]
        case 2: ["h": .int32(1), "x-death": .array([.table(["queue": .string("q0")])])]
        default: ["h": .int32(Int32(next(upTo: 2))), "t": .table(["a": .array([.void, .boolean(true)])])]
        }
    }

    private mutating func settlingMethod(_ tags: [UInt64]) -> Method {
        let tag = rarely() ? UInt64(next(upTo: 1000)) : tags.randomElement(using: &self) ?? 0
        // With nothing outstanding, only all of nothing can be settled.
        let multiple = tag == 0 ? !rarely() : once(in: 4)
        switch next(upTo: 8) {
        case 0...3: return .basicAck(BasicAck(deliveryTag: tag, multiple: multiple))
        case 4, 5: return .basicNack(BasicNack(deliveryTag: tag, multiple: multiple, requeue: once(in: 2)))
        case 6 where tag != 0: return .basicReject(BasicReject(deliveryTag: tag, requeue: once(in: 2)))
        default: return .basicRecover(BasicRecover(requeue: !rarely()))
        }
    }

    private mutating func consumingMethod() -> Method {
        switch next(upTo: 8) {
        case 0, 1:
            return .basicConsume(
                BasicConsume(
                    queue: queue(), consumerTag: once(in: 2) ? "" : "c\(next(upTo: 100))", noAck: once(in: 3),
                    exclusive: rarely(), noWait: once(in: 4),
                    arguments: once(in: 3) ? ["x-priority": .int32(Int32(next(upTo: 3)))] : [:]))
        case 2: return .basicCancel(BasicCancel(consumerTag: "c\(next(upTo: 100))", noWait: once(in: 4)))
        case 3:
            return .basicQos(
                BasicQos(prefetchSize: rarely() ? 1 : 0, prefetchCount: UInt16(next(upTo: 6)), global: once(in: 2)))
        case 4 where once(in: 4):
            return .basicConsume(BasicConsume(queue: "amq.rabbitmq.reply-to", noAck: true))
        default: return .basicGet(BasicGet(queue: queue(), noAck: once(in: 3)))
        }
    }

    private mutating func modeMethod() -> Method {
        switch next(upTo: 10) {
        case 0, 1: .confirmSelect(ConfirmSelect(noWait: once(in: 4)))
        case 2: .txSelect(TxSelect())
        case 3: .txCommit(TxCommit())
        case 4, 5: .accessRequest(AccessRequest())
        case 6: .channelFlow(ChannelFlow(active: !rarely()))
        case 7: .channelClose(ChannelClose(replyCode: .replySuccess))
        case 8: .channelCloseOk(ChannelCloseOk())
        default: .basicRecoverAsync(BasicRecoverAsync(requeue: true))
        }
    }

    private mutating func topologyMethod() -> Method {
        let (key, noWait) = (pick(Meeting.keys), once(in: 4))
        switch next(upTo: 12) {
        case 0, 1:
            return .queueBind(
                QueueBind(queue: queue(), exchange: exchange(), routingKey: key, noWait: noWait, arguments: headers()))
        case 2: return .queueUnbind(QueueUnbind(queue: queue(), exchange: exchange(), routingKey: key))
        case 3: return .queuePurge(QueuePurge(queue: queue(), noWait: noWait))
        case 4:
            return .queueDelete(QueueDelete(queue: queue(), ifUnused: rarely(), ifEmpty: rarely(), noWait: noWait))
        case 5, 6:
            return .queueDeclare(
                QueueDeclare(
                    queue: once(in: 3) ? "" : "n\(next(upTo: 3))", durable: once(in: 2), exclusive: once(in: 2),
                    autoDelete: once(in: 2), noWait: noWait,
                    arguments: once(in: 2) ? ["x-expires": .int32(Int32(1 + next(upTo: 2000)))] : [:]))
        case 7: return .queueDeclare(QueueDeclare(queue: queue(), passive: true, noWait: noWait))
        case 8:
            return .exchangeDeclare(
                ExchangeDeclare(
                    exchange: "n\(next(upTo: 3))",
                    type: rarely() ? "zz" : pick(["direct", "fanout", "topic", "headers"]),
                    durable: once(in: 2), autoDelete: once(in: 2), internal: rarely(), noWait: noWait))
        case 9:
            return .exchangeBind(
                ExchangeBind(destination: pick(Meeting.exchanges), source: exchange(), routingKey: key, noWait: noWait))
        case 10:
            return .exchangeUnbind(
                ExchangeUnbind(destination: pick(Meeting.exchanges), source: exchange(), routingKey: key))
        default: return .exchangeDelete(ExchangeDelete(exchange: exchange(), ifUnused: once(in: 2), noWait: noWait))
        }
    }
}
