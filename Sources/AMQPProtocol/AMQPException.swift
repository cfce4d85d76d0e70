/// A refusal that the peer is told of: channel.close or connection.close with a reply code and a text
/// (AMQP 0-9-1, section 1.1 "constants": soft errors close the channel, hard errors the connection).
public struct AMQPException: Error, Equatable, Sendable {
    public enum Scope: Sendable {
        case channel
        case connection
    }

    public let scope: Scope
    public let code: ReplyCode
    /// What stands behind `CODE_NAME - `.
    public let detail: String

    public init(_ scope: Scope, _ code: ReplyCode, _ detail: String) {
        self.scope = scope
        self.code = code
        self.detail = detail
    }

    /// The reply text as RabbitMQ forms it, for example `NOT_FOUND - no queue 'q' in vhost '/'`.
    public var replyText: String { "\(code.name) - \(detail)" }

    public static func channel(_ code: ReplyCode, _ detail: String) -> AMQPException {
        AMQPException(.channel, code, detail)
    }

    public static func connection(_ code: ReplyCode, _ detail: String) -> AMQPException {
        AMQPException(.connection, code, detail)
    }
}
