import AMQPProtocol
import DequeModule
import NIOCore

// What callers ask of channels.

extension ConnectionState {
    /// Sends channel.open under the lowest free number; its answer completes `call`.
    mutating func openChannel(
        _ id: ChannelID, call: CallID, confirmWindowMax: Int
    ) throws(AMQPClientError) {
        try machine.checkOpen()
        let channelMax = limits?.channelMax ?? configuration.channelMax
        let number = channelsByNumber.dropFirst().firstIndex(of: nil) ?? channelsByNumber.endIndex
        guard number <= channelMax else {
            throw AMQPClientError(.tooManyChannels, "\(channelMax) channels are open, which is the limit agreed on")
        }
        if number == channelsByNumber.endIndex { channelsByNumber.append(nil) }
        var machine = ChannelMachine(confirmWindowMax: confirmWindowMax)
        machine.request(.channelOpen, call: call)
        channels[id] = OpenChannel(number: UInt16(number), machine: machine)
        channelsByNumber[number] = id
        try append(channel: UInt16(number), .channelOpen(ChannelOpen()))
    }

    /// The channel's handle is gone: closes it, unless that has been done.
    mutating func release(_ id: ChannelID) {
        // It may never have been opened.
        guard channels[id] != nil else { return }
        closeChannel(id)
        channels[id]?.isReleased = true
        forgetIfOver(id)
    }

    /// Gives the number free when the broker is done with it, and drops the channel when nobody holds it either.
    mutating func forgetIfOver(_ id: ChannelID) {
        guard let channel = channels[id], channel.machine.isNumberFree else { return }
        if channelsByNumber[Int(channel.number)] == id { channelsByNumber[Int(channel.number)] = nil }
        if channel.isReleased { channels[id] = nil }
    }

    /// Why the channel, or else the connection, cannot be used.
    func checkOpen(_ id: ChannelID) throws(AMQPClientError) {
        guard let channel = channels[id] else { preconditionFailure("a channel was used behind its end") }
        try channel.machine.checkOpen()
        try machine.checkOpen()
    }

    /// Sends a method whose answer completes `call`.
    mutating func request(
        _ id: ChannelID, _ method: Method, call: CallID?, effect: PendingReply.Effect = .none
    ) throws(AMQPClientError) {
        try send(id, method)
        channels[id]?.machine.request(method.id, call: call, effect: effect)
    }

    /// Sends a method that has no answer.
    mutating func send(_ id: ChannelID, _ method: Method) throws(AMQPClientError) {
        try checkOpen(id)
        guard let number = channels[id]?.number else { return }
        try append(channel: number, method)
    }

    /// Sends channel.close, unless the channel is closing or closed already.
    mutating func closeChannel(_ id: ChannelID) {
        do {
            try send(id, .channelClose(ChannelClose(replyCode: .replySuccess, replyText: "Goodbye")))
        } catch {
            return
        }
        channels[id]?.machine.close()
    }

    /// Completes `call` when the channel, which has been told to close, is closed.
    mutating func waitForClose(_ id: ChannelID, call: CallID) {
        if channels[id]?.machine.waitForClose(call) != true { resume(call, .success(.done)) }
    }

    /// Sends basic.consume and, in front of it, what prefetch the consumer is to have.
    mutating func consume(
        _ id: ChannelID, _ method: BasicConsume, prefetch: UInt16?, _ buffer: DeliveryBuffer, call: CallID
    ) throws(AMQPClientError) {
        let needsDefault = channels[id]?.machine.hasPrefetch == false
        if !method.noAck, let count = prefetch ?? (needsDefault ? ChannelMachine.prefetchDefault : nil) {
            try request(id, .basicQos(BasicQos(prefetchCount: count)), call: nil)
        }
        try request(id, .basicConsume(method), call: call, effect: .startConsumer(buffer))
    }

    /// Nobody iterates over the consumer's deliveries any more: those that nobody has seen go back to the queue, and
    /// so do those that are still on the way.
    mutating func abandonConsumer(_ id: ChannelID, tag: String, _ buffer: DeliveryBuffer) {
        let unseen = buffer.abandon()
        guard (try? checkOpen(id)) != nil else { return }
        if channels[id]?.machine.hasConsumer(tag) == true {
            try? request(
                id, .basicCancel(BasicCancel(consumerTag: tag)), call: nil, effect: .endConsumer(tag: tag))
        }
        guard buffer.acknowledgement == .manual else { return }
        for delivery in unseen { requeue(id, delivery.deliveryTag) }
    }

    /// The caller was cancelled.
    mutating func cancel(_ call: CallID, on id: ChannelID?) {
        guard let waiter = calls.removeValue(forKey: call) else { return }
        waiter.resume(returning: .failure(.cancelled))
        if let id { channels[id]?.machine.forget(call) }
        connectionCalls.removeAll { $0 == call }
    }
}

// MARK: - Publishing

extension ConnectionState {
    /// Sends the message if there is room for it, and nobody waits to publish before it. False if there is not.
    mutating func publishNow(
        _ id: ChannelID, _ message: OutboundMessage, call: CallID?
    ) throws(AMQPClientError) -> Bool {
        try checkOpen(id)
        guard hasRoomToSend, channels[id]?.machine.canPublish == true else { return false }
        try encode(id, message, call: call)
        return true
    }

    /// Sends the message as soon as there is room. `call` is completed when it is sent or, if that is wanted, confirmed.
    mutating func publish(_ id: ChannelID, _ publish: QueuedPublish) throws(AMQPClientError) {
        if publish.awaitsConfirm { try startConfirming(id) }
        let confirmCall = publish.awaitsConfirm ? publish.call : nil
        guard try publishNow(id, publish.message, call: confirmCall) else {
            channels[id]?.machine.queue(publish)
            return
        }
        if !publish.awaitsConfirm { resume(publish.call, .success(.done)) }
    }

    /// Puts the channel into confirm mode, if it is not. Publishes may follow at once.
    mutating func startConfirming(_ id: ChannelID, call: CallID? = nil) throws(AMQPClientError) {
        try checkOpen(id)
        guard channels[id]?.machine.startConfirming() == true else {
            if let call { resume(call, .success(.done)) }
            return
        }
        try request(id, .confirmSelect(ConfirmSelect()), call: call)
    }

    /// Completes `call` when all that has been published on the channel is answered.
    mutating func waitForConfirms(_ id: ChannelID, _ call: CallID) throws(AMQPClientError) {
        try checkOpen(id)
        guard channels[id]?.machine.waitForConfirms(call) == true else { return }
        let failure = channels[id]?.machine.takePublishFailure()
        resume(call, failure.map { .failure($0) } ?? .success(.done))
    }

    /// Sends what waits for room, as far as there is any.
    mutating func sendQueuedPublishes(_ id: ChannelID) {
        guard (try? checkOpen(id)) != nil else { return }
        while hasRoomToSend, let queued = channels[id]?.machine.nextQueuedPublish() {
            do {
                try encode(id, queued.message, call: queued.awaitsConfirm ? queued.call : nil)
                if !queued.awaitsConfirm { resume(queued.call, .success(.done)) }
            } catch {
                resume(queued.call, .failure(error))
            }
        }
    }

    mutating func sendQueuedPublishes() {
        for id in channelsByNumber { if let id { sendQueuedPublishes(id) } }
    }

    private var hasRoomToSend: Bool { outgoing.count < configuration.sendBufferBytesMax }

    private mutating func encode(
        _ id: ChannelID, _ message: OutboundMessage, call: CallID?
    ) throws(AMQPClientError) {
        guard let number = channels[id]?.number, let limits else { preconditionFailure("no channel to publish on") }
        propertiesScratch.clear()
        message.properties.encode(into: &propertiesScratch)
        guard propertiesScratch.count + Self.contentHeaderBytes <= limits.frameBytesMax else {
            throw .invalidArgument(
                "the properties take \(propertiesScratch.count) bytes, the largest frame \(limits.frameBytesMax)")
        }
        outgoing.appendMethodFrame(channel: number, message.publish)
        outgoing.appendContentHeader(
            channel: number, bodySize: UInt64(message.body.readableBytes), properties: propertiesScratch.bytes)
        message.body.withUnsafeReadableBytes { body in
            outgoing.appendBody(channel: number, body, frameMax: limits.frameBytesMax)
        }
        guard channels[id]?.machine.isConfirming == true else { return }
        var fingerprint: ReturnFingerprint?
        if message.publish.mandatory {
            fingerprint = ReturnFingerprint(
                exchange: message.publish.exchange, routingKey: message.publish.routingKey,
                properties: propertiesScratch.bytes, body: message.body)
        }
        channels[id]?.machine.recordPublish(call: call, fingerprint: fingerprint)
    }

    /// A content header frame without its properties.
    private static let contentHeaderBytes = Frame.overhead + 12
}
