// Written by AMQPCodegen from Sources/AMQPCodegen/amqp-0-9-1.xml.
// To change it, change that file and run `swift run AMQPCodegen`.

/// Why something was refused, returned or closed (AMQP 0-9-1, section 1.1, with RabbitMQ's additions). Codes that are
/// not listed are kept as they came.
public struct ReplyCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// 200: All went well; the code of an orderly close.
    public static let replySuccess = ReplyCode(rawValue: 200)

    /// 311: The content is larger than the receiver takes. Closes the channel.
    public static let contentTooLarge = ReplyCode(rawValue: 311)

    /// 312: A mandatory message reached no queue; in basic.return.
    public static let noRoute = ReplyCode(rawValue: 312)

    /// 313: An immediate message met no ready consumer; in basic.return.
    public static let noConsumers = ReplyCode(rawValue: 313)

    /// 320: An operator asks for it, or the server shuts down. Closes the connection.
    public static let connectionForced = ReplyCode(rawValue: 320)

    /// 402: The virtual host's name makes no sense. Closes the connection.
    public static let invalidPath = ReplyCode(rawValue: 402)

    /// 403: The user has no permission for it. Closes the channel.
    public static let accessRefused = ReplyCode(rawValue: 403)

    /// 404: The queue or exchange does not exist. Closes the channel.
    public static let notFound = ReplyCode(rawValue: 404)

    /// 405: Somebody else uses the queue exclusively. Closes the channel.
    public static let resourceLocked = ReplyCode(rawValue: 405)

    /// 406: It contradicts what exists or what was agreed. Closes the channel.
    public static let preconditionFailed = ReplyCode(rawValue: 406)

    /// 501: A frame that cannot be decoded. Closes the connection.
    public static let frameError = ReplyCode(rawValue: 501)

    /// 502: A field with a value that is not allowed there. Closes the connection.
    public static let syntaxError = ReplyCode(rawValue: 502)

    /// 503: A method that does not exist, or not at this point. Closes the connection.
    public static let commandInvalid = ReplyCode(rawValue: 503)

    /// 504: A frame on a channel that is not open, or opened twice. Closes the connection.
    public static let channelError = ReplyCode(rawValue: 504)

    /// 505: A frame that breaks the order of method, header and body. Closes the connection.
    public static let unexpectedFrame = ReplyCode(rawValue: 505)

    /// 506: The server lacks memory, disk or another resource for it. Closes the connection.
    public static let resourceError = ReplyCode(rawValue: 506)

    /// 530: Well formed, but forbidden by what was negotiated or set. Closes the connection.
    public static let notAllowed = ReplyCode(rawValue: 530)

    /// 540: In the protocol, but not offered by this server. Closes the connection.
    public static let notImplemented = ReplyCode(rawValue: 540)

    /// 541: The server failed at it through no fault of the client. Closes the connection.
    public static let internalError = ReplyCode(rawValue: 541)

    /// The protocol's name of the code, for example `NOT_FOUND`; its digits if there is none.
    public var name: String {
        switch rawValue {
        case 200: "REPLY_SUCCESS"
        case 311: "CONTENT_TOO_LARGE"
        case 312: "NO_ROUTE"
        case 313: "NO_CONSUMERS"
        case 320: "CONNECTION_FORCED"
        case 402: "INVALID_PATH"
        case 403: "ACCESS_REFUSED"
        case 404: "NOT_FOUND"
        case 405: "RESOURCE_LOCKED"
        case 406: "PRECONDITION_FAILED"
        case 501: "FRAME_ERROR"
        case 502: "SYNTAX_ERROR"
        case 503: "COMMAND_INVALID"
        case 504: "CHANNEL_ERROR"
        case 505: "UNEXPECTED_FRAME"
        case 506: "RESOURCE_ERROR"
        case 530: "NOT_ALLOWED"
        case 540: "NOT_IMPLEMENTED"
        case 541: "INTERNAL_ERROR"
        default: "\(rawValue)"
        }
    }
}
