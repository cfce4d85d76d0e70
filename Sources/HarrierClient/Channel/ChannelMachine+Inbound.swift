import AMQPProtocol

// What comes from the broker. After every event there may be room for queued publishes.

extension ChannelMachine {
    /// A method without content.
    mutating func received(_ method: Method) -> Action {
        if case .closedAwaitingCloseOk(let error) = phase {
            if case .channelCloseOk = method { phase = .closed(error) }
            return .none
        }
        switch method {
        case .channelClose(let close): return closed(by: close)
        case .channelCloseOk: return closeAnswered()
        case .channelFlow(let flow):
            isFlowStopped = !flow.active
            return .send(.channelFlowOk(ChannelFlowOk(active: flow.active)))
        case .basicAck(let ack):
            return settle(tag: ack.deliveryTag, multiple: ack.multiple, refused: false)
        case .basicNack(let nack):
            return settle(tag: nack.deliveryTag, multiple: nack.multiple, refused: true)
        case .basicCancel(let cancel): return cancelled(cancel)
        default: return answered(method)
        }
    }

    private mutating func closed(by close: ChannelClose) -> Action {
        let error = AMQPClientError.closedByServer(close)
        if case .closing = phase {
            phase = .closedAwaitingCloseOk(error)
        } else {
            phase = .closed(error)
        }
        return .end(error, answer: .channelCloseOk(ChannelCloseOk()))
    }

    private mutating func closeAnswered() -> Action {
        guard case .closing = phase else { return unexpected(.channelCloseOk) }
        phase = .closed(.channelClosed)
        return .end(.channelClosed, answer: nil)
    }

    private mutating func settle(tag: UInt64, multiple: Bool, refused: Bool) -> Action {
        guard let settlements = ledger?.settle(tag: tag, multiple: multiple, refused: refused) else {
            return .violation(.connection(.commandInvalid, "confirm of publish \(tag), which was never sent"))
        }
        return .settle(settlements)
    }

    private mutating func cancelled(_ cancel: BasicCancel) -> Action {
        let answer: Method? =
            cancel.noWait ? nil : .basicCancelOk(BasicCancelOk(consumerTag: cancel.consumerTag))
        // This side may have cancelled it at the same moment.
        guard let consumer = consumers.removeValue(forKey: WireName(cancel.consumerTag)) else {
            return answer.map { .send($0) } ?? .none
        }
        let error = AMQPClientError(
            .consumerCancelledByServer,
            "the broker ended the consumer '\(cancel.consumerTag)', most likely because its queue is gone")
        return .failConsumer(consumer, error, answer: answer)
    }

    private mutating func answered(_ method: Method) -> Action {
        guard let reply = takePending(answeredBy: method) else { return unexpected(method.id) }
        if case .channelOpenOk = method, case .opening = phase { phase = .open }
        switch reply.effect {
        case .none, .fetch: break
        case .startConsumer(let buffer):
            guard case .basicConsumeOk(let consumeOk) = method else { return unexpected(method.id) }
            return started(buffer, consumeOk, reply.call)
        case .endConsumer(let tag):
            // The broker may have ended it at the same moment.
            guard let consumer = consumers.removeValue(forKey: WireName(tag)) else { break }
            return .finishConsumer(consumer, reply.call, method)
        }
        guard let call = reply.call else { return .none }
        return .complete(call, method)
    }

    private mutating func started(_ buffer: DeliveryBuffer, _ consumeOk: BasicConsumeOk, _ call: CallID?) -> Action {
        consumers[WireName(consumeOk.consumerTag)] = buffer
        if let call { return .complete(call, .basicConsumeOk(consumeOk)) }
        // Whoever wanted to consume has been cancelled meanwhile.
        request(.basicCancel, call: nil, effect: .endConsumer(tag: consumeOk.consumerTag))
        return .send(.basicCancel(BasicCancel(consumerTag: consumeOk.consumerTag)))
    }

    /// A method with content.
    mutating func received(_ message: InboundMessage) -> Action {
        if case .closedAwaitingCloseOk = phase { return .none }
        switch message.method {
        case .basicDeliver(let deliver):
            guard let consumer = consumers[WireName(deliver.consumerTag)] else {
                return .violation(
                    .connection(.commandInvalid, "delivery to the unknown consumer '\(deliver.consumerTag)'"))
            }
            return .deliver(Delivery(deliver, message), consumer)
        case .basicGetOk(let getOk): return fetched(getOk, message)
        case .basicReturn(let basicReturn): return returned(ReturnedMessage(basicReturn, message))
        default: return unexpected(message.method.id)
        }
    }

    private mutating func fetched(_ getOk: BasicGetOk, _ message: InboundMessage) -> Action {
        guard let reply = takePending(answeredBy: message.method) else { return unexpected(.basicGetOk) }
        if let call = reply.call { return .completeGet(call, Delivery(getOk, message)) }
        // Whoever asked has been cancelled meanwhile, and nobody will settle the message.
        guard case .fetch(.manual) = reply.effect else { return .none }
        return .send(.basicNack(BasicNack(deliveryTag: getOk.deliveryTag, requeue: true)))
    }

    private mutating func returned(_ message: ReturnedMessage) -> Action {
        let isClaimed = ledger?.claim(message, fingerprint: ReturnFingerprint(message)) ?? false
        return isClaimed ? .none : .reportReturn(message)
    }

    private mutating func takePending(answeredBy method: Method) -> PendingReply? {
        guard let index = pending.firstIndex(where: { $0.isAnswered(by: method) }) else { return nil }
        return pending.remove(at: index)
    }

    private func unexpected(_ method: MethodID) -> Action {
        .violation(.connection(.commandInvalid, "\(method), which answers nothing that was asked"))
    }
}

extension Delivery {
    fileprivate init(_ deliver: BasicDeliver, _ message: InboundMessage) {
        self.init(
            deliveryTag: deliver.deliveryTag, consumerTag: deliver.consumerTag, isRedelivered: deliver.redelivered,
            exchange: deliver.exchange, routingKey: deliver.routingKey, properties: message.properties,
            body: message.body, remainingCount: nil)
    }

    fileprivate init(_ getOk: BasicGetOk, _ message: InboundMessage) {
        self.init(
            deliveryTag: getOk.deliveryTag, consumerTag: "", isRedelivered: getOk.redelivered,
            exchange: getOk.exchange, routingKey: getOk.routingKey, properties: message.properties,
            body: message.body, remainingCount: Int(getOk.messageCount))
    }
}

extension ReturnedMessage {
    fileprivate init(_ basicReturn: BasicReturn, _ message: InboundMessage) {
        self.init(
            replyCode: basicReturn.replyCode, replyText: basicReturn.replyText, exchange: basicReturn.exchange,
            routingKey: basicReturn.routingKey, properties: message.properties, body: message.body)
    }
}
