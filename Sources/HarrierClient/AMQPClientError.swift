import AMQPProtocol
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Why something asked of a broker did not happen. Every error that the client throws is of this type.
///
/// ``code`` says what kind of failure it is; where the broker spoke, ``replyCode`` and ``replyText`` hold its words.
public struct AMQPClientError: Error, Sendable {
    /// The kinds of failure. Later versions may add some, so that a `switch` over them needs a `default`.
    public struct Code: Hashable, Sendable {
        fileprivate enum Kind: String {
            case invalidURL, invalidArgument, connectFailed, connectTimedOut, connectionClosedByServer
            case connectionLost, connectionClosed, channelClosedByServer, channelClosed, tooManyChannels
            case publishRefused, publishReturned, consumerCancelledByServer, protocolViolation, cancelled
        }

        fileprivate let kind: Kind

        /// The URL is not one of AMQP: `amqp://user:password@host:port/vhost`, or `amqps` for TLS.
        public static let invalidURL = Code(kind: .invalidURL)
        /// An argument that AMQP cannot carry, such as a name of more than 255 bytes.
        public static let invalidArgument = Code(kind: .invalidArgument)
        /// No connection: the host is unknown, nobody listens there, or TLS could not be agreed on.
        public static let connectFailed = Code(kind: .connectFailed)
        /// The connection was not ready for use within `connectTimeoutMilliseconds`.
        public static let connectTimedOut = Code(kind: .connectTimedOut)
        /// The broker closed the connection and said why. A wrong password is among the reasons
        /// (``AMQPClientError/replyCode`` 403).
        public static let connectionClosedByServer = Code(kind: .connectionClosedByServer)
        /// The connection ended without a word, or nothing was heard for two heartbeat intervals.
        public static let connectionLost = Code(kind: .connectionLost)
        /// This side has closed the connection.
        public static let connectionClosed = Code(kind: .connectionClosed)
        /// The broker closed the channel and said why. The connection and its other channels go on.
        public static let channelClosedByServer = Code(kind: .channelClosedByServer)
        /// This side has closed the channel.
        public static let channelClosed = Code(kind: .channelClosed)
        /// As many channels are open as were agreed on with the broker.
        public static let tooManyChannels = Code(kind: .tooManyChannels)
        /// The broker refused to take charge of a published message.
        public static let publishRefused = Code(kind: .publishRefused)
        /// A mandatory message reached no queue; ``AMQPClientError/returnedMessage`` holds it.
        public static let publishReturned = Code(kind: .publishReturned)
        /// The broker ended the consumer, most often because its queue was deleted.
        public static let consumerCancelledByServer = Code(kind: .consumerCancelledByServer)
        /// The broker sent what AMQP 0-9-1 does not allow there.
        public static let protocolViolation = Code(kind: .protocolViolation)
        /// The task was cancelled while it waited.
        public static let cancelled = Code(kind: .cancelled)
    }

    /// On the heap, so that throwing and storing an error moves one word.
    private final class Storage: Sendable {
        let code: Code
        let message: String
        let replyCode: ReplyCode?
        let replyText: String?
        let method: MethodID?
        let returnedMessage: ReturnedMessage?
        let failedPublishCount: Int
        let underlying: (any Error)?

        init(
            code: Code, message: String, replyCode: ReplyCode?, replyText: String?, method: MethodID?,
            returnedMessage: ReturnedMessage?, failedPublishCount: Int, underlying: (any Error)?
        ) {
            self.code = code
            self.message = message
            self.replyCode = replyCode
            self.replyText = replyText
            self.method = method
            self.returnedMessage = returnedMessage
            self.failedPublishCount = failedPublishCount
            self.underlying = underlying
        }
    }

    private let storage: Storage

    init(
        _ code: Code, _ message: String, replyCode: ReplyCode? = nil, replyText: String? = nil,
        method: MethodID? = nil, returnedMessage: ReturnedMessage? = nil, failedPublishCount: Int = 0,
        underlying: (any Error)? = nil
    ) {
        storage = Storage(
            code: code, message: message, replyCode: replyCode, replyText: replyText, method: method,
            returnedMessage: returnedMessage, failedPublishCount: failedPublishCount, underlying: underlying)
    }

    public var code: Code { storage.code }
    /// What happened, in a sentence for people. Holds no password.
    public var message: String { storage.message }
    /// The broker's reply code, if it closed, returned or refused something.
    public var replyCode: ReplyCode? { storage.replyCode }
    /// The broker's words beside the reply code, for example `NOT_FOUND - no queue 'jobs' in vhost '/'`.
    public var replyText: String? { storage.replyText }
    /// The method that the broker blames, if it names one.
    public var method: MethodID? { storage.method }
    /// The message that came back, if that is the failure.
    public var returnedMessage: ReturnedMessage? { storage.returnedMessage }
    /// How many messages were refused or came back, if that is the failure: more than one only where one error stands
    /// for several messages, as in ``HarrierChannel/waitForConfirms()``.
    public var failedPublishCount: Int { storage.failedPublishCount }
    /// What lies beneath: an error of the socket or of TLS.
    public var underlying: (any Error)? { storage.underlying }
}

extension AMQPClientError: CustomStringConvertible {
    public var description: String {
        switch underlying {
        case let error as IOError: "\(message): \(String(cString: strerror(error.errnoCode)))"
        case let error?: "\(message): \(error)"
        case nil: message
        }
    }
}

extension AMQPClientError.Code: CustomStringConvertible {
    public var description: String { kind.rawValue }
}

extension AMQPClientError {
    /// What connection.close from the broker means to everybody who waits.
    static func closedByServer(_ close: ConnectionClose) -> AMQPClientError {
        let method = MethodID(classID: close.classID, methodID: close.methodID)
        return AMQPClientError(
            .connectionClosedByServer,
            "the broker closed the connection: \(close.replyCode.rawValue) \(close.replyText)",
            replyCode: close.replyCode, replyText: close.replyText, method: method == .none ? nil : method)
    }

    /// What channel.close from the broker means to everybody who waits on the channel.
    static func closedByServer(_ close: ChannelClose) -> AMQPClientError {
        let method = MethodID(classID: close.classID, methodID: close.methodID)
        return AMQPClientError(
            .channelClosedByServer, "the broker closed the channel: \(close.replyCode.rawValue) \(close.replyText)",
            replyCode: close.replyCode, replyText: close.replyText, method: method == .none ? nil : method)
    }

    /// Bytes or methods from the broker that have no business where they came.
    static func violation(_ exception: AMQPException) -> AMQPClientError {
        AMQPClientError(.protocolViolation, "the broker broke the protocol: \(exception.detail)")
    }

    static func invalidArgument(_ message: String) -> AMQPClientError {
        AMQPClientError(.invalidArgument, message)
    }

    static func returned(_ message: ReturnedMessage) -> AMQPClientError {
        AMQPClientError(
            .publishReturned,
            "the message to exchange '\(message.exchange)' with routing key '\(message.routingKey)' came back: "
                + "\(message.replyCode.rawValue) \(message.replyText)",
            replyCode: message.replyCode, replyText: message.replyText, method: .basicPublish,
            returnedMessage: message, failedPublishCount: 1)
    }

    /// One error for all the publishes that failed.
    static func several(_ first: AMQPClientError, count: Int) -> AMQPClientError {
        guard count > 1 else { return first }
        return AMQPClientError(
            first.code, "\(count) messages were not taken; of the first: \(first.message)", replyCode: first.replyCode,
            replyText: first.replyText, method: first.method, returnedMessage: first.returnedMessage,
            failedPublishCount: count)
    }

    static var publishRefused: AMQPClientError {
        AMQPClientError(
            .publishRefused, "the broker did not take charge of the message (basic.nack)", method: .basicPublish,
            failedPublishCount: 1)
    }

    static var connectionClosed: AMQPClientError {
        AMQPClientError(.connectionClosed, "the connection has been closed")
    }

    static var channelClosed: AMQPClientError {
        AMQPClientError(.channelClosed, "the channel has been closed")
    }

    static var cancelled: AMQPClientError {
        AMQPClientError(.cancelled, "the task was cancelled while it waited for the broker")
    }
}
