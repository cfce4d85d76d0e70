import AMQPProtocol

// What comes from the broker, on the event loop.

extension ConnectionState {
    mutating func received(_ event: InboundEvent) {
        switch event {
        case .heartbeat: break
        case .method(channel: 0, let method): perform(machine.received(method))
        case .message(channel: 0, let message):
            violated(.connection(.commandInvalid, "\(message.method.id) on channel 0"))
        case .method(let number, let method):
            guard let id = channel(number, method.id) else { return }
            if let action = channels[id]?.machine.received(method) { perform(action, on: id) }
        case .message(let number, let message):
            guard let id = channel(number, message.method.id) else { return }
            if let action = channels[id]?.machine.received(message) { perform(action, on: id) }
        }
    }

    private mutating func channel(_ number: UInt16, _ method: MethodID) -> ChannelID? {
        // Answers that were under way when this side asked to close still count; behind the end nothing does.
        guard !machine.isClosed else { return nil }
        guard Int(number) < channelsByNumber.count, let id = channelsByNumber[Int(number)] else {
            violated(.connection(.channelError, "\(method) on channel \(number), which is not open"))
            return nil
        }
        return id
    }

    private mutating func perform(_ action: ConnectionMachine.Action) {
        switch action {
        case .none: break
        case .send(let methods):
            for method in methods { outgoing.appendMethodFrame(channel: 0, method) }
        case .opened(let limits):
            self.limits = limits
            for call in connectionCalls { resume(call, .success(.done)) }
            connectionCalls = []
        case .report(let event): reports.append(.event(event))
        case .end(let error, let answer):
            end(error)
            if let answer { outgoing.appendMethodFrame(channel: 0, answer) }
            socketEnd = .afterWriting
        case .violation(let exception): violated(exception)
        }
    }

    private mutating func perform(_ action: ChannelMachine.Action, on id: ChannelID) {
        switch action {
        case .none: break
        case .send(let method): answer(id, method)
        case .complete(let call, let method): resume(call, .success(.method(method)))
        case .completeGet(let call, let delivery): resume(call, .success(.message(delivery)))
        case .settle(let settlements):
            for settlement in settlements {
                resume(settlement.call, settlement.error.map { .failure($0) } ?? .success(.done))
            }
        case .deliver(let delivery, let buffer):
            deliver(delivery, to: buffer, on: id)
        case .reportReturn(let message): reports.append(.returned(message, id))
        case .failConsumer(let buffer, let error, let method):
            buffer.fail(error)
            if let method { answer(id, method) }
        case .finishConsumer(let buffer, let call, let method):
            buffer.finish()
            if let call { resume(call, .success(.method(method))) }
        case .end(let error, let method):
            failWaiters(of: id, error)
            if let method { answer(id, method) }
        case .violation(let exception): violated(exception)
        }
        sendQueuedPublishes(id)
        forgetIfOver(id)
    }

    private mutating func deliver(_ delivery: Delivery, to buffer: DeliveryBuffer, on id: ChannelID) {
        switch buffer.append(delivery) {
        case .buffered: break
        case .awaited where awaitedBuffers.last === buffer: break
        case .awaited: awaitedBuffers.append(buffer)
        case .unwanted where buffer.acknowledgement == .manual: requeue(id, delivery.deliveryTag)
        case .unwanted: break
        }
    }

    /// All that came in one burst has been received.
    mutating func endBurst() {
        for buffer in awaitedBuffers { buffer.wake() }
        awaitedBuffers.removeAll(keepingCapacity: true)
    }

    /// Everybody who waits on the channel is told that it is over.
    mutating func failWaiters(of id: ChannelID, _ error: AMQPClientError) {
        guard let waiters = channels[id]?.machine.removeWaiters() else { return }
        for call in waiters.failed { resume(call, .failure(error)) }
        for call in waiters.closers { resume(call, .success(.done)) }
        let isOrderly = error.code == .channelClosed || error.code == .connectionClosed
        for consumer in waiters.consumers {
            if isOrderly { consumer.finish() } else { consumer.fail(error) }
        }
    }

    /// Sends what the broker is owed, whatever state the channel is in.
    private mutating func answer(_ id: ChannelID, _ method: Method) {
        guard let number = channels[id]?.number else { return }
        outgoing.appendMethodFrame(channel: number, method)
    }

    /// Gives a delivery back that nobody will look at.
    mutating func requeue(_ id: ChannelID, _ deliveryTag: UInt64) {
        answer(id, .basicNack(BasicNack(deliveryTag: deliveryTag, requeue: true)))
    }
}
