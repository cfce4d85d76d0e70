import AMQPProtocol
import NIOCore
import Testing

@testable import HarrierClient

struct ChannelMachineTests {
    private static func opened() -> ChannelMachine {
        var machine = ChannelMachine(confirmWindowMax: 10)
        machine.request(.channelOpen, call: CallID(1))
        _ = machine.received(.channelOpenOk(ChannelOpenOk()))
        return machine
    }

    private static func buffer(_ acknowledgement: AcknowledgementMode = .manual) -> DeliveryBuffer {
        DeliveryBuffer(acknowledgement: acknowledgement, gate: ReadGate(bufferedBytesMax: 1 << 20) {})
    }

    private static func consuming(_ buffer: DeliveryBuffer, tag: String = "c") -> ChannelMachine {
        var machine = opened()
        machine.request(.basicConsume, call: CallID(2), effect: .startConsumer(buffer))
        _ = machine.received(.basicConsumeOk(BasicConsumeOk(consumerTag: tag)))
        return machine
    }

    private static func message(_ method: Method, _ body: String = "") -> InboundMessage {
        InboundMessage(method: method, properties: .init(), body: ByteBuffer(string: body))
    }

    private static let close = Method.channelClose(
        ChannelClose(replyCode: .notFound, replyText: "NOT_FOUND - no", classID: 50, methodID: 10))

    @Test func openingIsAnswered() {
        var machine = ChannelMachine(confirmWindowMax: 10)
        machine.request(.channelOpen, call: CallID(1))
        let completed = machine.received(.channelOpenOk(ChannelOpenOk())).completed
        #expect(completed?.call == CallID(1))
    }

    @Test func answersFindTheirRequests() {
        var machine = Self.opened()
        machine.request(.queueDeclare, call: CallID(2))
        machine.request(.exchangeUnbind, call: CallID(3))
        machine.request(.queueDeclare, call: CallID(4))
        let first = machine.received(.queueDeclareOk(QueueDeclareOk(queue: "a"))).completed
        #expect(first?.call == CallID(2))
        #expect(first?.method == .queueDeclareOk(QueueDeclareOk(queue: "a")))
        #expect(machine.received(.exchangeUnbindOk(ExchangeUnbindOk())).completed?.call == CallID(3))
        #expect(machine.received(.queueDeclareOk(QueueDeclareOk(queue: "b"))).completed?.call == CallID(4))
    }

    @Test func anAnswerToNothingBreaksTheProtocol() {
        var machine = Self.opened()
        #expect(machine.received(.queueDeclareOk(QueueDeclareOk(queue: "a"))).violation == .commandInvalid)
        #expect(machine.received(.channelCloseOk(ChannelCloseOk())).violation == .commandInvalid)
        #expect(machine.received(.basicAck(BasicAck(deliveryTag: 1))).violation == .commandInvalid)
    }

    /// RabbitMQ lets a queue answer basic.cancel, so that answers to later requests may come first.
    @Test func aCancelMayBeAnsweredLate() {
        var machine = Self.consuming(Self.buffer())
        machine.request(.basicCancel, call: CallID(3), effect: .endConsumer(tag: "c"))
        machine.request(.queueDeclare, call: CallID(4))
        #expect(machine.received(.queueDeclareOk(QueueDeclareOk(queue: "a"))).completed?.call == CallID(4))
        guard
            case .finishConsumer(_, CallID(3), _) = machine.received(
                .basicCancelOk(BasicCancelOk(consumerTag: "c")))
        else {
            Issue.record("the consumer was not ended")
            return
        }
    }

    @Test func whoWasCancelledIsNotTold() {
        var machine = Self.opened()
        machine.request(.queueDeclare, call: CallID(2))
        machine.request(.queueDeclare, call: CallID(3))
        machine.forget(CallID(2))
        #expect(machine.received(.queueDeclareOk(QueueDeclareOk(queue: "a"))).isNone)
        #expect(machine.received(.queueDeclareOk(QueueDeclareOk(queue: "b"))).completed?.call == CallID(3))
    }

    @Test func aConsumerThatNobodyWaitsForIsEnded() {
        var machine = Self.opened()
        machine.request(.basicConsume, call: CallID(2), effect: .startConsumer(Self.buffer()))
        machine.forget(CallID(2))
        let sent = machine.received(.basicConsumeOk(BasicConsumeOk(consumerTag: "c"))).sent
        #expect(sent == .basicCancel(BasicCancel(consumerTag: "c")))
    }

    @Test func aFetchedMessageThatNobodyWaitsForGoesBack() {
        let getOk = Self.message(
            .basicGetOk(BasicGetOk(deliveryTag: 5, exchange: "", routingKey: "q", messageCount: 3)), "x")
        for mode in [AcknowledgementMode.manual, .automatic] {
            var machine = Self.opened()
            machine.request(.basicGet, call: CallID(2), effect: .fetch(mode))
            machine.request(.basicGet, call: CallID(3), effect: .fetch(mode))
            machine.forget(CallID(2))
            let nack = Method.basicNack(BasicNack(deliveryTag: 5, requeue: true))
            #expect(machine.received(getOk).sent == (mode == .manual ? nack : nil))
            let fetched = machine.received(getOk).fetched
            #expect(fetched?.call == CallID(3))
            #expect(fetched?.delivery.remainingCount == 3)
        }
    }

    @Test func theBrokersCloseEndsItForEverybody() {
        let buffer = Self.buffer()
        var machine = Self.consuming(buffer)
        _ = machine.startConfirming()
        machine.recordPublish(call: CallID(3), fingerprint: nil)
        machine.request(.queueDeclare, call: CallID(4))
        let end = machine.received(Self.close).ended
        #expect(end?.answer == .channelCloseOk(ChannelCloseOk()))
        #expect(end?.error.code == .channelClosedByServer)
        #expect(end?.error.replyCode == .notFound)
        #expect(end?.error.method == .queueDeclare)
        let waiters = machine.removeWaiters()
        #expect(Set(waiters.failed) == [CallID(3), CallID(4)])
        #expect(waiters.consumers.count == 1)
        #expect(machine.isNumberFree)
        let error = #expect(throws: AMQPClientError.self) { try machine.checkOpen() }
        #expect(error?.replyCode == .notFound)
    }

    @Test func closingWaitsForTheAnswer() {
        var machine = Self.opened()
        machine.request(.queueDeclare, call: CallID(2))
        machine.close()
        #expect(machine.waitForClose(CallID(3)) == true)
        #expect(throws: AMQPClientError.self) { try machine.checkOpen() }
        // What was asked before is still answered.
        #expect(machine.received(.queueDeclareOk(QueueDeclareOk(queue: "a"))).completed?.call == CallID(2))
        #expect(!machine.isNumberFree)
        #expect(machine.received(.channelCloseOk(ChannelCloseOk())).ended?.error.code == .channelClosed)
        #expect(machine.removeWaiters().closers == [CallID(3)])
        #expect(machine.isNumberFree)
        #expect(machine.waitForClose(CallID(4)) == false)
    }

    @Test func closesThatCrossAreBothAnswered() {
        var machine = Self.opened()
        machine.close()
        #expect(machine.waitForClose(CallID(3)) == true)
        let end = machine.received(Self.close).ended
        #expect(end?.answer == .channelCloseOk(ChannelCloseOk()))
        #expect(machine.removeWaiters().closers == [CallID(3)])
        // The number is not free before the broker has answered too.
        #expect(!machine.isNumberFree)
        #expect(machine.received(.channelCloseOk(ChannelCloseOk())).isNone)
        #expect(machine.isNumberFree)
    }

    @Test func theEndOfAConsumerByTheBrokerIsAnsweredIfItWantsThat() {
        for noWait in [true, false] {
            var machine = Self.consuming(Self.buffer())
            let cancel = Method.basicCancel(BasicCancel(consumerTag: "c", noWait: noWait))
            guard case .failConsumer(_, let error, let answer) = machine.received(cancel) else {
                Issue.record("the consumer did not end")
                return
            }
            #expect(error.code == .consumerCancelledByServer)
            #expect(answer == (noWait ? nil : .basicCancelOk(BasicCancelOk(consumerTag: "c"))))
            #expect(machine.received(cancel).sent == answer)
        }
    }

    @Test func deliveriesGoToTheirConsumer() {
        var machine = Self.consuming(Self.buffer())
        let deliver = BasicDeliver(consumerTag: "c", deliveryTag: 7, redelivered: true, exchange: "x", routingKey: "k")
        guard case .deliver(let delivery, _) = machine.received(Self.message(.basicDeliver(deliver), "body")) else {
            Issue.record("not delivered")
            return
        }
        #expect(delivery.deliveryTag == 7)
        #expect(delivery.isRedelivered)
        #expect(delivery.text == "body")
        var unknown = deliver
        unknown.consumerTag = "d"
        #expect(machine.received(Self.message(.basicDeliver(unknown))).violation == .commandInvalid)
    }

    @Test func aReturnThatNobodyWaitsForIsReported() {
        var machine = Self.opened()
        let message = Self.message(
            .basicReturn(BasicReturn(replyCode: .noRoute, replyText: "NO_ROUTE", exchange: "x", routingKey: "k")))
        guard case .reportReturn(let returned) = machine.received(message) else {
            Issue.record("not reported")
            return
        }
        #expect(returned.exchange == "x")
    }

    @Test func flowHoldsPublishersBack() {
        var machine = Self.opened()
        #expect(machine.canPublish)
        let stop = machine.received(.channelFlow(ChannelFlow(active: false))).sent
        #expect(stop == .channelFlowOk(ChannelFlowOk(active: false)))
        #expect(!machine.canPublish)
        machine.queue(QueuedPublish.sample(CallID(2)))
        #expect(machine.nextQueuedPublish() == nil)
        _ = machine.received(.channelFlow(ChannelFlow(active: true)))
        // Whoever waits goes first.
        #expect(!machine.canPublish)
        #expect(machine.nextQueuedPublish()?.call == CallID(2))
        #expect(machine.canPublish)
    }

    @Test func theConfirmWindowHoldsPublishersBack() {
        var machine = ChannelMachine(confirmWindowMax: 1)
        machine.request(.channelOpen, call: nil)
        _ = machine.received(.channelOpenOk(ChannelOpenOk()))
        #expect(machine.startConfirming() == true)
        #expect(machine.startConfirming() == false)
        machine.recordPublish(call: CallID(1), fingerprint: nil)
        machine.queue(QueuedPublish.sample(CallID(2)))
        machine.queue(QueuedPublish.sample(CallID(3)))
        #expect(machine.nextQueuedPublish() == nil)
        machine.forget(CallID(2))
        #expect(machine.received(.basicAck(BasicAck(deliveryTag: 1))).settled == [CallID(1)])
        #expect(machine.nextQueuedPublish()?.call == CallID(3))
        machine.queue(QueuedPublish.sample(CallID(4)))
        #expect(machine.removeWaiters().failed.contains(CallID(4)))
    }
}

extension QueuedPublish {
    fileprivate static func sample(_ call: CallID) -> QueuedPublish {
        let message = OutboundMessage(publish: BasicPublish(routingKey: "k"), properties: .init(), body: .init())
        return QueuedPublish(message: message, call: call, awaitsConfirm: true)
    }
}
