// Written by AMQPCodegen from Sources/AMQPCodegen/amqp-0-9-1.xml.
// To change it, change that file and run `swift run AMQPCodegen`.

extension MethodID {
    @inlinable public static var connectionStart: MethodID { MethodID(classID: 10, methodID: 10) }
    @inlinable public static var connectionStartOk: MethodID { MethodID(classID: 10, methodID: 11) }
    @inlinable public static var connectionSecure: MethodID { MethodID(classID: 10, methodID: 20) }
    @inlinable public static var connectionSecureOk: MethodID { MethodID(classID: 10, methodID: 21) }
    @inlinable public static var connectionTune: MethodID { MethodID(classID: 10, methodID: 30) }
    @inlinable public static var connectionTuneOk: MethodID { MethodID(classID: 10, methodID: 31) }
    @inlinable public static var connectionOpen: MethodID { MethodID(classID: 10, methodID: 40) }
    @inlinable public static var connectionOpenOk: MethodID { MethodID(classID: 10, methodID: 41) }
    @inlinable public static var connectionClose: MethodID { MethodID(classID: 10, methodID: 50) }
    @inlinable public static var connectionCloseOk: MethodID { MethodID(classID: 10, methodID: 51) }
    @inlinable public static var connectionBlocked: MethodID { MethodID(classID: 10, methodID: 60) }
    @inlinable public static var connectionUnblocked: MethodID { MethodID(classID: 10, methodID: 61) }
    @inlinable public static var connectionUpdateSecret: MethodID { MethodID(classID: 10, methodID: 70) }
    @inlinable public static var connectionUpdateSecretOk: MethodID { MethodID(classID: 10, methodID: 71) }
    @inlinable public static var channelOpen: MethodID { MethodID(classID: 20, methodID: 10) }
    @inlinable public static var channelOpenOk: MethodID { MethodID(classID: 20, methodID: 11) }
    @inlinable public static var channelFlow: MethodID { MethodID(classID: 20, methodID: 20) }
    @inlinable public static var channelFlowOk: MethodID { MethodID(classID: 20, methodID: 21) }
    @inlinable public static var channelClose: MethodID { MethodID(classID: 20, methodID: 40) }
    @inlinable public static var channelCloseOk: MethodID { MethodID(classID: 20, methodID: 41) }
    @inlinable public static var accessRequest: MethodID { MethodID(classID: 30, methodID: 10) }
    @inlinable public static var accessRequestOk: MethodID { MethodID(classID: 30, methodID: 11) }
    @inlinable public static var exchangeDeclare: MethodID { MethodID(classID: 40, methodID: 10) }
    @inlinable public static var exchangeDeclareOk: MethodID { MethodID(classID: 40, methodID: 11) }
    @inlinable public static var exchangeDelete: MethodID { MethodID(classID: 40, methodID: 20) }
    @inlinable public static var exchangeDeleteOk: MethodID { MethodID(classID: 40, methodID: 21) }
    @inlinable public static var exchangeBind: MethodID { MethodID(classID: 40, methodID: 30) }
    @inlinable public static var exchangeBindOk: MethodID { MethodID(classID: 40, methodID: 31) }
    @inlinable public static var exchangeUnbind: MethodID { MethodID(classID: 40, methodID: 40) }
    @inlinable public static var exchangeUnbindOk: MethodID { MethodID(classID: 40, methodID: 51) }
    @inlinable public static var queueDeclare: MethodID { MethodID(classID: 50, methodID: 10) }
    @inlinable public static var queueDeclareOk: MethodID { MethodID(classID: 50, methodID: 11) }
    @inlinable public static var queueBind: MethodID { MethodID(classID: 50, methodID: 20) }
    @inlinable public static var queueBindOk: MethodID { MethodID(classID: 50, methodID: 21) }
    @inlinable public static var queuePurge: MethodID { MethodID(classID: 50, methodID: 30) }
    @inlinable public static var queuePurgeOk: MethodID { MethodID(classID: 50, methodID: 31) }
    @inlinable public static var queueDelete: MethodID { MethodID(classID: 50, methodID: 40) }
    @inlinable public static var queueDeleteOk: MethodID { MethodID(classID: 50, methodID: 41) }
    @inlinable public static var queueUnbind: MethodID { MethodID(classID: 50, methodID: 50) }
    @inlinable public static var queueUnbindOk: MethodID { MethodID(classID: 50, methodID: 51) }
    @inlinable public static var basicQos: MethodID { MethodID(classID: 60, methodID: 10) }
    @inlinable public static var basicQosOk: MethodID { MethodID(classID: 60, methodID: 11) }
    @inlinable public static var basicConsume: MethodID { MethodID(classID: 60, methodID: 20) }
    @inlinable public static var basicConsumeOk: MethodID { MethodID(classID: 60, methodID: 21) }
    @inlinable public static var basicCancel: MethodID { MethodID(classID: 60, methodID: 30) }
    @inlinable public static var basicCancelOk: MethodID { MethodID(classID: 60, methodID: 31) }
    @inlinable public static var basicPublish: MethodID { MethodID(classID: 60, methodID: 40) }
    @inlinable public static var basicReturn: MethodID { MethodID(classID: 60, methodID: 50) }
    @inlinable public static var basicDeliver: MethodID { MethodID(classID: 60, methodID: 60) }
    @inlinable public static var basicGet: MethodID { MethodID(classID: 60, methodID: 70) }
    @inlinable public static var basicGetOk: MethodID { MethodID(classID: 60, methodID: 71) }
    @inlinable public static var basicGetEmpty: MethodID { MethodID(classID: 60, methodID: 72) }
    @inlinable public static var basicAck: MethodID { MethodID(classID: 60, methodID: 80) }
    @inlinable public static var basicReject: MethodID { MethodID(classID: 60, methodID: 90) }
    @inlinable public static var basicRecoverAsync: MethodID { MethodID(classID: 60, methodID: 100) }
    @inlinable public static var basicRecover: MethodID { MethodID(classID: 60, methodID: 110) }
    @inlinable public static var basicRecoverOk: MethodID { MethodID(classID: 60, methodID: 111) }
    @inlinable public static var basicNack: MethodID { MethodID(classID: 60, methodID: 120) }
    @inlinable public static var confirmSelect: MethodID { MethodID(classID: 85, methodID: 10) }
    @inlinable public static var confirmSelectOk: MethodID { MethodID(classID: 85, methodID: 11) }
    @inlinable public static var txSelect: MethodID { MethodID(classID: 90, methodID: 10) }
    @inlinable public static var txSelectOk: MethodID { MethodID(classID: 90, methodID: 11) }
    @inlinable public static var txCommit: MethodID { MethodID(classID: 90, methodID: 20) }
    @inlinable public static var txCommitOk: MethodID { MethodID(classID: 90, methodID: 21) }
    @inlinable public static var txRollback: MethodID { MethodID(classID: 90, methodID: 30) }
    @inlinable public static var txRollbackOk: MethodID { MethodID(classID: 90, methodID: 31) }

    /// Whether a content header and body frames follow the method.
    @inlinable public var carriesContent: Bool {
        self == .basicPublish || self == .basicReturn || self == .basicDeliver || self == .basicGetOk
    }
}

extension MethodID: CustomStringConvertible {
    /// The protocol's name, for example `queue.declare`; the two ids if there is none.
    public var description: String {
        name ?? "\(classID).\(methodID)"
    }

    private var name: String? {
        switch classID {
        case 10: connectionMethodName
        case 20: channelMethodName
        case 30: accessMethodName
        case 40: exchangeMethodName
        case 50: queueMethodName
        case 60: basicMethodName
        case 85: confirmMethodName
        case 90: txMethodName
        default: nil
        }
    }

    private var connectionMethodName: String? {
        switch methodID {
        case 10: "connection.start"
        case 11: "connection.start-ok"
        case 20: "connection.secure"
        case 21: "connection.secure-ok"
        case 30: "connection.tune"
        case 31: "connection.tune-ok"
        case 40: "connection.open"
        case 41: "connection.open-ok"
        case 50: "connection.close"
        case 51: "connection.close-ok"
        case 60: "connection.blocked"
        case 61: "connection.unblocked"
        case 70: "connection.update-secret"
        case 71: "connection.update-secret-ok"
        default: nil
        }
    }

    private var channelMethodName: String? {
        switch methodID {
        case 10: "channel.open"
        case 11: "channel.open-ok"
        case 20: "channel.flow"
        case 21: "channel.flow-ok"
        case 40: "channel.close"
        case 41: "channel.close-ok"
        default: nil
        }
    }

    private var accessMethodName: String? {
        switch methodID {
        case 10: "access.request"
        case 11: "access.request-ok"
        default: nil
        }
    }

    private var exchangeMethodName: String? {
        switch methodID {
        case 10: "exchange.declare"
        case 11: "exchange.declare-ok"
        case 20: "exchange.delete"
        case 21: "exchange.delete-ok"
        case 30: "exchange.bind"
        case 31: "exchange.bind-ok"
        case 40: "exchange.unbind"
        case 51: "exchange.unbind-ok"
        default: nil
        }
    }

    private var queueMethodName: String? {
        switch methodID {
        case 10: "queue.declare"
        case 11: "queue.declare-ok"
        case 20: "queue.bind"
        case 21: "queue.bind-ok"
        case 30: "queue.purge"
        case 31: "queue.purge-ok"
        case 40: "queue.delete"
        case 41: "queue.delete-ok"
        case 50: "queue.unbind"
        case 51: "queue.unbind-ok"
        default: nil
        }
    }

    private var basicMethodName: String? {
        switch methodID {
        case 10: "basic.qos"
        case 11: "basic.qos-ok"
        case 20: "basic.consume"
        case 21: "basic.consume-ok"
        case 30: "basic.cancel"
        case 31: "basic.cancel-ok"
        case 40: "basic.publish"
        case 50: "basic.return"
        case 60: "basic.deliver"
        case 70: "basic.get"
        case 71: "basic.get-ok"
        case 72: "basic.get-empty"
        case 80: "basic.ack"
        case 90: "basic.reject"
        case 100: "basic.recover-async"
        case 110: "basic.recover"
        case 111: "basic.recover-ok"
        case 120: "basic.nack"
        default: nil
        }
    }

    private var confirmMethodName: String? {
        switch methodID {
        case 10: "confirm.select"
        case 11: "confirm.select-ok"
        default: nil
        }
    }

    private var txMethodName: String? {
        switch methodID {
        case 10: "tx.select"
        case 11: "tx.select-ok"
        case 20: "tx.commit"
        case 21: "tx.commit-ok"
        case 30: "tx.rollback"
        case 31: "tx.rollback-ok"
        default: nil
        }
    }
}
