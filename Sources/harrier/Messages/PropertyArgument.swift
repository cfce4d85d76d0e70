import AMQPProtocol
import ArgumentParser

/// A property of a message on the command line: `content-type=text/plain`.
struct PropertyArgument: ExpressibleByArgument {
    /// The names that are understood, which are RabbitMQ's with `-` for `_`.
    static let names = [
        "content-type", "content-encoding", "priority", "correlation-id", "reply-to", "expiration", "message-id",
        "timestamp", "type", "user-id", "app-id",
    ]

    private let name: String
    private let value: String

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "=") else { return nil }
        name = String(argument[..<equals])
        value = String(argument[argument.index(after: equals)...])
        var properties = BasicProperties()
        guard apply(to: &properties) else { return nil }
    }

    /// False if there is no such property, or it does not take such a value.
    @discardableResult
    func apply(to properties: inout BasicProperties) -> Bool {
        switch name {
        case "content-type": properties.contentType = value
        case "content-encoding": properties.contentEncoding = value
        case "priority":
            properties.priority = UInt8(value)
            return properties.priority != nil
        case "correlation-id": properties.correlationID = value
        case "reply-to": properties.replyTo = value
        case "expiration": properties.expiration = value
        case "message-id": properties.messageID = value
        case "timestamp":
            properties.timestamp = UInt64(value)
            return properties.timestamp != nil
        case "type": properties.type = value
        case "user-id": properties.userID = value
        case "app-id": properties.appID = value
        default: return false
        }
        return true
    }
}
