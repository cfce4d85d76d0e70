// Written by AMQPCodegen from Sources/AMQPCodegen/amqp-0-9-1.xml.
// To change it, change that file and run `swift run AMQPCodegen`.

/// Any method with its arguments. For what is not on the path of messages: it owns what it holds.
public enum Method: Equatable, Sendable {
    case connectionStart(ConnectionStart)
    case connectionStartOk(ConnectionStartOk)
    case connectionSecure(ConnectionSecure)
    case connectionSecureOk(ConnectionSecureOk)
    case connectionTune(ConnectionTune)
    case connectionTuneOk(ConnectionTuneOk)
    case connectionOpen(ConnectionOpen)
    case connectionOpenOk(ConnectionOpenOk)
    case connectionClose(ConnectionClose)
    case connectionCloseOk(ConnectionCloseOk)
    case connectionBlocked(ConnectionBlocked)
    case connectionUnblocked(ConnectionUnblocked)
    case connectionUpdateSecret(ConnectionUpdateSecret)
    case connectionUpdateSecretOk(ConnectionUpdateSecretOk)
    case channelOpen(ChannelOpen)
    case channelOpenOk(ChannelOpenOk)
    case channelFlow(ChannelFlow)
    case channelFlowOk(ChannelFlowOk)
    case channelClose(ChannelClose)
    case channelCloseOk(ChannelCloseOk)
    case accessRequest(AccessRequest)
    case accessRequestOk(AccessRequestOk)
    case exchangeDeclare(ExchangeDeclare)
    case exchangeDeclareOk(ExchangeDeclareOk)
    case exchangeDelete(ExchangeDelete)
    case exchangeDeleteOk(ExchangeDeleteOk)
    case exchangeBind(ExchangeBind)
    case exchangeBindOk(ExchangeBindOk)
    case exchangeUnbind(ExchangeUnbind)
    case exchangeUnbindOk(ExchangeUnbindOk)
    case queueDeclare(QueueDeclare)
    case queueDeclareOk(QueueDeclareOk)
    case queueBind(QueueBind)
    case queueBindOk(QueueBindOk)
    case queuePurge(QueuePurge)
    case queuePurgeOk(QueuePurgeOk)
    case queueDelete(QueueDelete)
    case queueDeleteOk(QueueDeleteOk)
    case queueUnbind(QueueUnbind)
    case queueUnbindOk(QueueUnbindOk)
    case basicQos(BasicQos)
    case basicQosOk(BasicQosOk)
    case basicConsume(BasicConsume)
    case basicConsumeOk(BasicConsumeOk)
    case basicCancel(BasicCancel)
    case basicCancelOk(BasicCancelOk)
    case basicPublish(BasicPublish)
    case basicReturn(BasicReturn)
    case basicDeliver(BasicDeliver)
    case basicGet(BasicGet)
    case basicGetOk(BasicGetOk)
    case basicGetEmpty(BasicGetEmpty)
    case basicAck(BasicAck)
    case basicReject(BasicReject)
    case basicRecoverAsync(BasicRecoverAsync)
    case basicRecover(BasicRecover)
    case basicRecoverOk(BasicRecoverOk)
    case basicNack(BasicNack)
    case confirmSelect(ConfirmSelect)
    case confirmSelectOk(ConfirmSelectOk)
    case txSelect(TxSelect)
    case txSelectOk(TxSelectOk)
    case txCommit(TxCommit)
    case txCommitOk(TxCommitOk)
    case txRollback(TxRollback)
    case txRollbackOk(TxRollbackOk)

    public var id: MethodID {
        switch self {
        case .connectionStart: .connectionStart
        case .connectionStartOk: .connectionStartOk
        case .connectionSecure: .connectionSecure
        case .connectionSecureOk: .connectionSecureOk
        case .connectionTune: .connectionTune
        case .connectionTuneOk: .connectionTuneOk
        case .connectionOpen: .connectionOpen
        case .connectionOpenOk: .connectionOpenOk
        case .connectionClose: .connectionClose
        case .connectionCloseOk: .connectionCloseOk
        case .connectionBlocked: .connectionBlocked
        case .connectionUnblocked: .connectionUnblocked
        case .connectionUpdateSecret: .connectionUpdateSecret
        case .connectionUpdateSecretOk: .connectionUpdateSecretOk
        case .channelOpen: .channelOpen
        case .channelOpenOk: .channelOpenOk
        case .channelFlow: .channelFlow
        case .channelFlowOk: .channelFlowOk
        case .channelClose: .channelClose
        case .channelCloseOk: .channelCloseOk
        case .accessRequest: .accessRequest
        case .accessRequestOk: .accessRequestOk
        case .exchangeDeclare: .exchangeDeclare
        case .exchangeDeclareOk: .exchangeDeclareOk
        case .exchangeDelete: .exchangeDelete
        case .exchangeDeleteOk: .exchangeDeleteOk
        case .exchangeBind: .exchangeBind
        case .exchangeBindOk: .exchangeBindOk
        case .exchangeUnbind: .exchangeUnbind
        case .exchangeUnbindOk: .exchangeUnbindOk
        case .queueDeclare: .queueDeclare
        case .queueDeclareOk: .queueDeclareOk
        case .queueBind: .queueBind
        case .queueBindOk: .queueBindOk
        case .queuePurge: .queuePurge
        case .queuePurgeOk: .queuePurgeOk
        case .queueDelete: .queueDelete
        case .queueDeleteOk: .queueDeleteOk
        case .queueUnbind: .queueUnbind
        case .queueUnbindOk: .queueUnbindOk
        case .basicQos: .basicQos
        case .basicQosOk: .basicQosOk
        case .basicConsume: .basicConsume
        case .basicConsumeOk: .basicConsumeOk
        case .basicCancel: .basicCancel
        case .basicCancelOk: .basicCancelOk
        case .basicPublish: .basicPublish
        case .basicReturn: .basicReturn
        case .basicDeliver: .basicDeliver
        case .basicGet: .basicGet
        case .basicGetOk: .basicGetOk
        case .basicGetEmpty: .basicGetEmpty
        case .basicAck: .basicAck
        case .basicReject: .basicReject
        case .basicRecoverAsync: .basicRecoverAsync
        case .basicRecover: .basicRecover
        case .basicRecoverOk: .basicRecoverOk
        case .basicNack: .basicNack
        case .confirmSelect: .confirmSelect
        case .confirmSelectOk: .confirmSelectOk
        case .txSelect: .txSelect
        case .txSelectOk: .txSelectOk
        case .txCommit: .txCommit
        case .txCommitOk: .txCommitOk
        case .txRollback: .txRollback
        case .txRollbackOk: .txRollbackOk
        }
    }

    /// Writes the arguments without the ids.
    func encodeArguments(into buffer: inout WireBuffer) {
        switch self {
        case .connectionStart(let method): method.encode(into: &buffer)
        case .connectionStartOk(let method): method.encode(into: &buffer)
        case .connectionSecure(let method): method.encode(into: &buffer)
        case .connectionSecureOk(let method): method.encode(into: &buffer)
        case .connectionTune(let method): method.encode(into: &buffer)
        case .connectionTuneOk(let method): method.encode(into: &buffer)
        case .connectionOpen(let method): method.encode(into: &buffer)
        case .connectionOpenOk(let method): method.encode(into: &buffer)
        case .connectionClose(let method): method.encode(into: &buffer)
        case .connectionCloseOk(let method): method.encode(into: &buffer)
        case .connectionBlocked(let method): method.encode(into: &buffer)
        case .connectionUnblocked(let method): method.encode(into: &buffer)
        case .connectionUpdateSecret(let method): method.encode(into: &buffer)
        case .connectionUpdateSecretOk(let method): method.encode(into: &buffer)
        case .channelOpen(let method): method.encode(into: &buffer)
        case .channelOpenOk(let method): method.encode(into: &buffer)
        case .channelFlow(let method): method.encode(into: &buffer)
        case .channelFlowOk(let method): method.encode(into: &buffer)
        case .channelClose(let method): method.encode(into: &buffer)
        case .channelCloseOk(let method): method.encode(into: &buffer)
        case .accessRequest(let method): method.encode(into: &buffer)
        case .accessRequestOk(let method): method.encode(into: &buffer)
        case .exchangeDeclare(let method): method.encode(into: &buffer)
        case .exchangeDeclareOk(let method): method.encode(into: &buffer)
        case .exchangeDelete(let method): method.encode(into: &buffer)
        case .exchangeDeleteOk(let method): method.encode(into: &buffer)
        case .exchangeBind(let method): method.encode(into: &buffer)
        case .exchangeBindOk(let method): method.encode(into: &buffer)
        case .exchangeUnbind(let method): method.encode(into: &buffer)
        case .exchangeUnbindOk(let method): method.encode(into: &buffer)
        case .queueDeclare(let method): method.encode(into: &buffer)
        case .queueDeclareOk(let method): method.encode(into: &buffer)
        case .queueBind(let method): method.encode(into: &buffer)
        case .queueBindOk(let method): method.encode(into: &buffer)
        case .queuePurge(let method): method.encode(into: &buffer)
        case .queuePurgeOk(let method): method.encode(into: &buffer)
        case .queueDelete(let method): method.encode(into: &buffer)
        case .queueDeleteOk(let method): method.encode(into: &buffer)
        case .queueUnbind(let method): method.encode(into: &buffer)
        case .queueUnbindOk(let method): method.encode(into: &buffer)
        case .basicQos(let method): method.encode(into: &buffer)
        case .basicQosOk(let method): method.encode(into: &buffer)
        case .basicConsume(let method): method.encode(into: &buffer)
        case .basicConsumeOk(let method): method.encode(into: &buffer)
        case .basicCancel(let method): method.encode(into: &buffer)
        case .basicCancelOk(let method): method.encode(into: &buffer)
        case .basicPublish(let method): method.encode(into: &buffer)
        case .basicReturn(let method): method.encode(into: &buffer)
        case .basicDeliver(let method): method.encode(into: &buffer)
        case .basicGet(let method): method.encode(into: &buffer)
        case .basicGetOk(let method): method.encode(into: &buffer)
        case .basicGetEmpty(let method): method.encode(into: &buffer)
        case .basicAck(let method): method.encode(into: &buffer)
        case .basicReject(let method): method.encode(into: &buffer)
        case .basicRecoverAsync(let method): method.encode(into: &buffer)
        case .basicRecover(let method): method.encode(into: &buffer)
        case .basicRecoverOk(let method): method.encode(into: &buffer)
        case .basicNack(let method): method.encode(into: &buffer)
        case .confirmSelect(let method): method.encode(into: &buffer)
        case .confirmSelectOk(let method): method.encode(into: &buffer)
        case .txSelect(let method): method.encode(into: &buffer)
        case .txSelectOk(let method): method.encode(into: &buffer)
        case .txCommit(let method): method.encode(into: &buffer)
        case .txCommitOk(let method): method.encode(into: &buffer)
        case .txRollback(let method): method.encode(into: &buffer)
        case .txRollbackOk(let method): method.encode(into: &buffer)
        }
    }
}

extension Method {
    /// Reads the arguments of the method with that id and leaves the reader behind them.
    public init(id: MethodID, arguments reader: inout WireReader) throws(WireError) {
        switch id.classID {
        case 10: self = try .connectionMethod(id, &reader)
        case 20: self = try .channelMethod(id, &reader)
        case 30: self = try .accessMethod(id, &reader)
        case 40: self = try .exchangeMethod(id, &reader)
        case 50: self = try .queueMethod(id, &reader)
        case 60: self = try .basicMethod(id, &reader)
        case 85: self = try .confirmMethod(id, &reader)
        case 90: self = try .txMethod(id, &reader)
        default: throw .unknownMethod(id)
        }
    }

    private static func connectionMethod(_ id: MethodID, _ reader: inout WireReader) throws(WireError) -> Method {
        switch id.methodID {
        case 10: .connectionStart(try ConnectionStart(from: &reader))
        case 11: .connectionStartOk(try ConnectionStartOk(from: &reader))
        case 20: .connectionSecure(try ConnectionSecure(from: &reader))
        case 21: .connectionSecureOk(try ConnectionSecureOk(from: &reader))
        case 30: .connectionTune(try ConnectionTune(from: &reader))
        case 31: .connectionTuneOk(try ConnectionTuneOk(from: &reader))
        case 40: .connectionOpen(try ConnectionOpen(from: &reader))
        case 41: .connectionOpenOk(try ConnectionOpenOk(from: &reader))
        case 50: .connectionClose(try ConnectionClose(from: &reader))
        case 51: .connectionCloseOk(try ConnectionCloseOk(from: &reader))
        case 60: .connectionBlocked(try ConnectionBlocked(from: &reader))
        case 61: .connectionUnblocked(try ConnectionUnblocked(from: &reader))
        case 70: .connectionUpdateSecret(try ConnectionUpdateSecret(from: &reader))
        case 71: .connectionUpdateSecretOk(try ConnectionUpdateSecretOk(from: &reader))
        default: throw .unknownMethod(id)
        }
    }

    private static func channelMethod(_ id: MethodID, _ reader: inout WireReader) throws(WireError) -> Method {
        switch id.methodID {
        case 10: .channelOpen(try ChannelOpen(from: &reader))
        case 11: .channelOpenOk(try ChannelOpenOk(from: &reader))
        case 20: .channelFlow(try ChannelFlow(from: &reader))
        case 21: .channelFlowOk(try ChannelFlowOk(from: &reader))
        case 40: .channelClose(try ChannelClose(from: &reader))
        case 41: .channelCloseOk(try ChannelCloseOk(from: &reader))
        default: throw .unknownMethod(id)
        }
    }

    private static func accessMethod(_ id: MethodID, _ reader: inout WireReader) throws(WireError) -> Method {
        switch id.methodID {
        case 10: .accessRequest(try AccessRequest(from: &reader))
        case 11: .accessRequestOk(try AccessRequestOk(from: &reader))
        default: throw .unknownMethod(id)
        }
    }

    private static func exchangeMethod(_ id: MethodID, _ reader: inout WireReader) throws(WireError) -> Method {
        switch id.methodID {
        case 10: .exchangeDeclare(try ExchangeDeclare(from: &reader))
        case 11: .exchangeDeclareOk(try ExchangeDeclareOk(from: &reader))
        case 20: .exchangeDelete(try ExchangeDelete(from: &reader))
        case 21: .exchangeDeleteOk(try ExchangeDeleteOk(from: &reader))
        case 30: .exchangeBind(try ExchangeBind(from: &reader))
        case 31: .exchangeBindOk(try ExchangeBindOk(from: &reader))
        case 40: .exchangeUnbind(try ExchangeUnbind(from: &reader))
        case 51: .exchangeUnbindOk(try ExchangeUnbindOk(from: &reader))
        default: throw .unknownMethod(id)
        }
    }

    private static func queueMethod(_ id: MethodID, _ reader: inout WireReader) throws(WireError) -> Method {
        switch id.methodID {
        case 10: .queueDeclare(try QueueDeclare(from: &reader))
        case 11: .queueDeclareOk(try QueueDeclareOk(from: &reader))
        case 20: .queueBind(try QueueBind(from: &reader))
        case 21: .queueBindOk(try QueueBindOk(from: &reader))
        case 30: .queuePurge(try QueuePurge(from: &reader))
        case 31: .queuePurgeOk(try QueuePurgeOk(from: &reader))
        case 40: .queueDelete(try QueueDelete(from: &reader))
        case 41: .queueDeleteOk(try QueueDeleteOk(from: &reader))
        case 50: .queueUnbind(try QueueUnbind(from: &reader))
        case 51: .queueUnbindOk(try QueueUnbindOk(from: &reader))
        default: throw .unknownMethod(id)
        }
    }

    private static func basicMethod(_ id: MethodID, _ reader: inout WireReader) throws(WireError) -> Method {
        switch id.methodID {
        case 10: .basicQos(try BasicQos(from: &reader))
        case 11: .basicQosOk(try BasicQosOk(from: &reader))
        case 20: .basicConsume(try BasicConsume(from: &reader))
        case 21: .basicConsumeOk(try BasicConsumeOk(from: &reader))
        case 30: .basicCancel(try BasicCancel(from: &reader))
        case 31: .basicCancelOk(try BasicCancelOk(from: &reader))
        case 40: .basicPublish(try BasicPublish(from: &reader))
        case 50: .basicReturn(try BasicReturn(from: &reader))
        case 60: .basicDeliver(try BasicDeliver(from: &reader))
        case 70: .basicGet(try BasicGet(from: &reader))
        case 71: .basicGetOk(try BasicGetOk(from: &reader))
        case 72: .basicGetEmpty(try BasicGetEmpty(from: &reader))
        case 80: .basicAck(try BasicAck(from: &reader))
        case 90: .basicReject(try BasicReject(from: &reader))
        case 100: .basicRecoverAsync(try BasicRecoverAsync(from: &reader))
        case 110: .basicRecover(try BasicRecover(from: &reader))
        case 111: .basicRecoverOk(try BasicRecoverOk(from: &reader))
        case 120: .basicNack(try BasicNack(from: &reader))
        default: throw .unknownMethod(id)
        }
    }

    private static func confirmMethod(_ id: MethodID, _ reader: inout WireReader) throws(WireError) -> Method {
        switch id.methodID {
        case 10: .confirmSelect(try ConfirmSelect(from: &reader))
        case 11: .confirmSelectOk(try ConfirmSelectOk(from: &reader))
        default: throw .unknownMethod(id)
        }
    }

    private static func txMethod(_ id: MethodID, _ reader: inout WireReader) throws(WireError) -> Method {
        switch id.methodID {
        case 10: .txSelect(try TxSelect(from: &reader))
        case 11: .txSelectOk(try TxSelectOk(from: &reader))
        case 20: .txCommit(try TxCommit(from: &reader))
        case 21: .txCommitOk(try TxCommitOk(from: &reader))
        case 30: .txRollback(try TxRollback(from: &reader))
        case 31: .txRollbackOk(try TxRollbackOk(from: &reader))
        default: throw .unknownMethod(id)
        }
    }
}
