import AMQPProtocol
import SeededRandom

extension SeededGenerator {
    /// One of every method that the protocol has, with arguments at random.
    mutating func everyMethod() -> [Method] {
        connectionMethods() + channelMethods() + exchangeMethods() + queueMethods() + basicClientMethods()
            + basicServerMethods() + otherMethods()
    }

    private mutating func connectionMethods() -> [Method] {
        [
            .connectionStart(
                ConnectionStart(
                    versionMajor: integer(), versionMinor: integer(), serverProperties: table(),
                    mechanisms: bytes(countMax: 40), locales: bytes(countMax: 40))),
            .connectionStartOk(
                ConnectionStartOk(
                    clientProperties: table(), mechanism: text(), response: bytes(countMax: 300), locale: text())),
            .connectionSecure(ConnectionSecure(challenge: bytes(countMax: 40))),
            .connectionSecureOk(ConnectionSecureOk(response: bytes(countMax: 40))),
            .connectionTune(ConnectionTune(channelMax: integer(), frameMax: integer(), heartbeat: integer())),
            .connectionTuneOk(ConnectionTuneOk(channelMax: integer(), frameMax: integer(), heartbeat: integer())),
            .connectionOpen(ConnectionOpen(virtualHost: text())),
            .connectionOpenOk(ConnectionOpenOk()),
            .connectionClose(
                ConnectionClose(replyCode: replyCode(), replyText: text(), classID: integer(), methodID: integer())),
            .connectionCloseOk(ConnectionCloseOk()),
            .connectionBlocked(ConnectionBlocked(reason: text())),
            .connectionUnblocked(ConnectionUnblocked()),
            .connectionUpdateSecret(ConnectionUpdateSecret(newSecret: bytes(countMax: 40), reason: text())),
            .connectionUpdateSecretOk(ConnectionUpdateSecretOk()),
        ]
    }

    private mutating func channelMethods() -> [Method] {
        [
            .channelOpen(ChannelOpen()),
            .channelOpenOk(ChannelOpenOk()),
            .channelFlow(ChannelFlow(active: flag())),
            .channelFlowOk(ChannelFlowOk(active: flag())),
            .channelClose(
                ChannelClose(replyCode: replyCode(), replyText: text(), classID: integer(), methodID: integer())),
            .channelCloseOk(ChannelCloseOk()),
        ]
    }

    private mutating func exchangeMethods() -> [Method] {
        [
            .exchangeDeclare(
                ExchangeDeclare(
                    exchange: text(), type: text(), passive: flag(), durable: flag(), autoDelete: flag(),
                    internal: flag(), noWait: flag(), arguments: table())),
            .exchangeDeclareOk(ExchangeDeclareOk()),
            .exchangeDelete(ExchangeDelete(exchange: text(), ifUnused: flag(), noWait: flag())),
            .exchangeDeleteOk(ExchangeDeleteOk()),
            .exchangeBind(
                ExchangeBind(
                    destination: text(), source: text(), routingKey: text(), noWait: flag(), arguments: table())),
            .exchangeBindOk(ExchangeBindOk()),
            .exchangeUnbind(
                ExchangeUnbind(
                    destination: text(), source: text(), routingKey: text(), noWait: flag(), arguments: table())),
            .exchangeUnbindOk(ExchangeUnbindOk()),
        ]
    }

    private mutating func queueMethods() -> [Method] {
        [
            .queueDeclare(
                QueueDeclare(
                    queue: text(), passive: flag(), durable: flag(), exclusive: flag(), autoDelete: flag(),
                    noWait: flag(), arguments: table())),
            .queueDeclareOk(QueueDeclareOk(queue: text(), messageCount: integer(), consumerCount: integer())),
            .queueBind(
                QueueBind(queue: text(), exchange: text(), routingKey: text(), noWait: flag(), arguments: table())),
            .queueBindOk(QueueBindOk()),
            .queueUnbind(QueueUnbind(queue: text(), exchange: text(), routingKey: text(), arguments: table())),
            .queueUnbindOk(QueueUnbindOk()),
            .queuePurge(QueuePurge(queue: text(), noWait: flag())),
            .queuePurgeOk(QueuePurgeOk(messageCount: integer())),
            .queueDelete(QueueDelete(queue: text(), ifUnused: flag(), ifEmpty: flag(), noWait: flag())),
            .queueDeleteOk(QueueDeleteOk(messageCount: integer())),
        ]
    }

    private mutating func basicClientMethods() -> [Method] {
        [
            .basicQos(BasicQos(prefetchSize: integer(), prefetchCount: integer(), global: flag())),
            .basicConsume(
                BasicConsume(
                    queue: text(), consumerTag: text(), noLocal: flag(), noAck: flag(), exclusive: flag(),
                    noWait: flag(), arguments: table())),
            .basicCancel(BasicCancel(consumerTag: text(), noWait: flag())),
            .basicPublish(
                BasicPublish(exchange: text(), routingKey: text(), mandatory: flag(), immediate: flag())),
            .basicGet(BasicGet(queue: text(), noAck: flag())),
            .basicAck(BasicAck(deliveryTag: integer(), multiple: flag())),
            .basicReject(BasicReject(deliveryTag: integer(), requeue: flag())),
            .basicRecoverAsync(BasicRecoverAsync(requeue: flag())),
            .basicRecover(BasicRecover(requeue: flag())),
            .basicNack(BasicNack(deliveryTag: integer(), multiple: flag(), requeue: flag())),
        ]
    }

    private mutating func basicServerMethods() -> [Method] {
        [
            .basicQosOk(BasicQosOk()),
            .basicConsumeOk(BasicConsumeOk(consumerTag: text())),
            .basicCancelOk(BasicCancelOk(consumerTag: text())),
            .basicReturn(
                BasicReturn(replyCode: replyCode(), replyText: text(), exchange: text(), routingKey: text())),
            .basicDeliver(
                BasicDeliver(
                    consumerTag: text(), deliveryTag: integer(), redelivered: flag(), exchange: text(),
                    routingKey: text())),
            .basicGetOk(
                BasicGetOk(
                    deliveryTag: integer(), redelivered: flag(), exchange: text(), routingKey: text(),
                    messageCount: integer())),
            .basicGetEmpty(BasicGetEmpty()),
            .basicRecoverOk(BasicRecoverOk()),
        ]
    }

    private mutating func otherMethods() -> [Method] {
        [
            .accessRequest(
                AccessRequest(
                    realm: text(), exclusive: flag(), passive: flag(), active: flag(), write: flag(), read: flag())),
            .accessRequestOk(AccessRequestOk(ticket: integer())),
            .confirmSelect(ConfirmSelect(noWait: flag())),
            .confirmSelectOk(ConfirmSelectOk()),
            .txSelect(TxSelect()),
            .txSelectOk(TxSelectOk()),
            .txCommit(TxCommit()),
            .txCommitOk(TxCommitOk()),
            .txRollback(TxRollback()),
            .txRollbackOk(TxRollbackOk()),
        ]
    }
}
