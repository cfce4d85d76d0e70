import AMQPProtocol
import Broker
import Logging
import SegmentLog

/// A channel of an AMQP connection. Its topics are in extensions: publishing, confirming, consuming, settling,
/// timeouts, transactions, queues, exchanges.
final class ServerChannel: ClientChannel {
    /// What a channel does with publishes and acks beyond passing them on.
    enum Mode {
        case plain
        case confirming
        case transactional
    }

    let number: UInt16
    /// Not retained: the connection owns it, and releases it before it goes. What stands on the way of every message uses
    /// the reference, since `connection` counts one.
    let connectionReference: Unmanaged<ServerConnection>
    var connection: ServerConnection { connectionReference.takeUnretainedValue() }
    let session: Session

    /// channel.close was sent: all is ignored until its answer.
    @exclusivity(unchecked) var isClosing = false
    @exclusivity(unchecked) var mode = Mode.plain
    @exclusivity(unchecked) var confirms = PublisherConfirms()
    @exclusivity(unchecked) var isAwaitingConfirm = false
    var transaction = Transaction()

    // Publishing.
    @exclusivity(unchecked) var assembly = ContentAssembly()
    /// The exchange that was last published to and may be; asked again when permissions change.
    @exclusivity(unchecked) var writableExchange: Exchange?
    @exclusivity(unchecked) var writableGeneration: UInt64 = 0
    /// What was published last, and where it went.
    @exclusivity(unchecked) var memo = PublishMemo()

    // Consuming.
    var consumers: [WireName: Consumer] = [:]
    @exclusivity(unchecked) var ledger = UnackedLedger()
    @exclusivity(unchecked) var nextDeliveryTag: UInt64 = 1
    /// For consumers to come (basic.qos); 0 for no limit.
    var consumerPrefetchCount = 0
    /// For all of the channel's deliveries together (basic.qos global); 0 for no limit.
    @exclusivity(unchecked) var channelPrefetchCount = 0
    /// A consumer was refused because of the channel's own limit: all are asked again when that changes.
    @exclusivity(unchecked) var isDeliveryLimited = false
    var replyConsumer: ReplyConsumer?
    /// When a timer looks whether consumers take too long; `UInt64.max` for never.
    @exclusivity(unchecked) var nextTimeoutCheckNanoseconds = UInt64.max

    /// What an empty queue name stands for.
    var lastQueueName = ""

    init(number: UInt16, connection: ServerConnection, session: Session) {
        self.number = number
        self.connectionReference = .passUnretained(connection)
        self.session = session
    }

    var core: BrokerCore { connection.core }
    var virtualHost: VirtualHost { session.virtualHost }

    // MARK: Frames

    func receive(_ type: FrameType, _ payload: UnsafeRawBufferPointer) throws(AMQPException) {
        if isClosing {
            receiveWhileClosing(type, payload)
            return
        }
        switch (type, assembly.expecting) {
        case (.method, .method): try receiveMethod(payload)
        case (.header, .header): try receiveContentHeader(payload)
        case (.body, .body): try receiveBody(payload)
        case (_, .method):
            throw connection.unprovoked(.unexpectedFrame, "expected method frame, got non method frame instead")
        case (_, .header):
            throw .connection(
                .unexpectedFrame,
                "expected content header for class \(MethodID.basicPublish.classID), "
                    + "got non content header frame instead")
        case (_, .body):
            throw .connection(
                .unexpectedFrame, "expected content body, got non content body frame instead")
        }
    }

    /// The four methods that come with every message are read in place; all others by the generated code.
    private func receiveMethod(_ payload: UnsafeRawBufferPointer) throws(AMQPException) {
        switch MethodID(peeking: payload) {
        case .basicPublish?: try beginPublish(arguments(payload, PublishView.init(decoding:)))
        case .basicAck?: try acknowledge(arguments(payload, AckView.init(decoding:)))
        case .basicNack?: try reject(arguments(payload, NackView.init(decoding:)))
        case .basicReject?: try reject(arguments(payload, RejectView.init(decoding:)))
        default: try perform(connection.decode(payload))
        }
    }

    /// Reads what stands behind the ids.
    @inline(__always)
    private func arguments<View>(
        _ payload: UnsafeRawBufferPointer, _ read: (UnsafeRawBufferPointer) throws(WireError) -> View
    ) throws(AMQPException) -> View {
        connection.currentMethod = MethodID(peeking: payload) ?? .none
        do {
            return try read(UnsafeRawBufferPointer(rebasing: payload[MemoryLayout<UInt32>.size...]))
        } catch {
            throw AMQPException(malformed: error)
        }
    }

    private func perform(_ method: Method) throws(AMQPException) {
        switch method {
        case .exchangeDeclare(let method): try declareExchange(method)
        case .exchangeDelete(let method): try deleteExchange(method)
        case .exchangeBind(let method): try bindExchange(method)
        case .exchangeUnbind(let method): try unbindExchange(method)
        case .queueDeclare(let method): try declareQueue(method)
        case .queueBind(let method): try bindQueue(method)
        case .queueUnbind(let method): try unbindQueue(method)
        case .queuePurge(let method): try purgeQueue(method)
        case .queueDelete(let method): try deleteQueue(method)
        case .basicQos(let method): try setPrefetch(method)
        case .basicConsume(let method): try consume(method)
        case .basicCancel(let method): cancel(method)
        case .basicGet(let method): try get(method)
        case .basicRecover(let method): try recover(method.requeue, answers: true)
        case .basicRecoverAsync(let method): try recover(method.requeue, answers: false)
        case .confirmSelect(let method): try selectConfirms(method)
        case .txSelect: try selectTransactions()
        case .txCommit: try commit()
        case .txRollback: try rollback()
        case .accessRequest: reply(AccessRequestOk(ticket: 1))
        case .channelFlow(let method): try setFlow(method)
        case .channelClose: closeByClient()
        case .basicCancelOk, .channelFlowOk, .channelCloseOk: break
        case .channelOpen: throw .connection(.channelError, "second 'channel.open' seen")
        default: throw .connection(.commandInvalid, "unimplemented method")
        }
    }

    func reply(_ method: some AMQPMethod) {
        connection.send(method, on: number)
    }

    private func setFlow(_ flow: ChannelFlow) throws(AMQPException) {
        guard flow.active else { throw .connection(.notImplemented, "active=false") }
        reply(ChannelFlowOk(active: true))
    }

    // MARK: Deliveries

    override func canTake(_ consumer: Consumer) -> Bool {
        guard !isClosing, consumer.hasCredit, connectionReference._withUnsafeGuaranteedRef({ $0.canDeliver }) else {
            return false
        }
        guard channelPrefetchCount == 0 || consumer.isAutoAcknowledging || ledger.count < channelPrefetchCount else {
            isDeliveryLimited = true
            return false
        }
        return true
    }

    override func deliver(_ entry: QueueEntry, _ message: MessageView, to consumer: Consumer) {
        let tag = takeDeliveryTag()
        if !consumer.isAutoAcknowledging {
            hold(entry, tag: tag, from: consumer.queue, for: consumer)
        }
        let parts = message.parts
        withDeliveredProperties(parts.properties, of: entry, message, from: consumer.queue) { properties in
            connectionReference._withUnsafeGuaranteedRef { connection in
                connection.output.appendDelivery(
                    channel: number, consumerTag: consumer.tagBytes, deliveryTag: tag,
                    redelivered: entry.redelivered,
                    exchange: parts.exchange, routingKey: parts.routingKey, properties: properties, body: parts.body,
                    frameMax: connection.frameBytesMax)
                connection.markForFlush()
            }
        }
    }

    /// A message that comes again may say so among its properties, and one that was asked for by basic.get that it has not;
    /// all others go out as they came in.
    @inline(__always)
    func withDeliveredProperties(
        _ properties: UnsafeRawBufferPointer, of entry: QueueEntry, _ message: MessageView, from queue: Queue,
        isFetched: Bool = false,
        _ send: (UnsafeRawBufferPointer) -> Void
    ) {
        guard entry.redelivered || isFetched,
            let properties = queue.redeliveryProperties(of: entry, message, isFetched: isFetched)
        else {
            return send(properties)
        }
        properties.withUnsafeBytes { send($0) }
    }

    override func deliverReply(_ publication: Publication) -> Bool {
        guard let replyConsumer, !connection.isOutputFull else { return false }
        let tag = takeDeliveryTag()
        replyConsumer.tagBytes.withUnsafeBytes { consumerTag in
            connection.output.appendDelivery(
                channel: number, consumerTag: consumerTag, deliveryTag: tag, redelivered: false,
                exchange: publication.exchange, routingKey: publication.routingKey,
                properties: publication.propertyBytes, body: publication.body, frameMax: connection.frameBytesMax)
        }
        connection.markForFlush()
        return true
    }

    override func consumerCancelled(_ consumer: Consumer) {
        consumers[WireName(consumer.tag)] = nil
        guard connection.capabilities.consumerCancelNotify, !isClosing else { return }
        reply(BasicCancel(consumerTag: consumer.tag, noWait: true))
    }

    func takeDeliveryTag() -> UInt64 {
        defer { nextDeliveryTag += 1 }
        return nextDeliveryTag
    }

    // MARK: The end

    private func closeByClient() {
        release()
        // Nothing may follow the close-ok: a confirm that still waits for the disk is not sent any more.
        isClosing = true
        connection.forget(self)
        reply(ChannelCloseOk())
    }

    /// Ends the channel because of a mistake of the client's. The number can be opened again after its close-ok.
    func closeWithError(_ exception: AMQPException, causedBy method: MethodID) {
        reply(ChannelClose(exception, cause: method))
        release()
        isClosing = true
    }

    private func receiveWhileClosing(_ type: FrameType, _ payload: UnsafeRawBufferPointer) {
        guard type == .method else { return }
        switch MethodID(peeking: payload) {
        case .channelCloseOk?: connection.forget(self)
        case .channelClose?:
            // The two closes crossed. Ours will be answered too.
            reply(ChannelCloseOk())
        default: break
        }
    }

    /// Gives everything back: consumers go, unacknowledged messages return to their places.
    func release() {
        guard !isClosing else { return }
        if let replyConsumer { core.unregisterReplyChannel(replyConsumer.token) }
        replyConsumer = nil
        let cancelled = consumers.values
        consumers = [:]
        // What a transaction had settled goes back as well, each to its place among the rest.
        ledger.restore(transaction.settlements.map(\.delivery))
        for delivery in ledger.takeAll() { delivery.queue.requeue(delivery.entry, from: nil, as: .failed) }
        transaction = Transaction()
        // Last, since the last consumer of an auto-delete queue takes the queue along.
        for consumer in cancelled { consumer.queue.remove(consumer) }
        writableExchange = nil
    }

    // MARK: Names

    func makeConsumerTag() -> String {
        "amq.ctag-\(core.makeToken())"
    }

    /// The queue that an empty name stands for: the last one declared on this channel.
    func resolveQueueName(_ name: String) throws(AMQPException) -> String {
        guard name.isEmpty else { return name }
        guard !lastQueueName.isEmpty else { throw .channel(.notFound, "no previously declared queue") }
        return lastQueueName
    }

    /// A queue that exists and that this connection may use.
    func usableQueue(_ name: String) throws(AMQPException) -> Queue {
        let queue = try virtualHost.existingQueue(name)
        try virtualHost.checkAccess(to: queue, by: connection)
        return queue
    }
}
