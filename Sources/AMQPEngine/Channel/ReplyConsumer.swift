/// The channel's consumer of `amq.rabbitmq.reply-to`: replies reach it without a queue (RabbitMQ's direct reply-to).
struct ReplyConsumer {
    /// What a requester names, and what stands in front of the token in the address that its requests carry.
    static let queueName = "amq.rabbitmq.reply-to"
    static let addressPrefix = queueName + "."

    let tag: String
    /// The tag as it goes into every delivery.
    let tagBytes: [UInt8]
    /// Nobody can guess it.
    let token: String

    init(tag: String, token: String) {
        self.tag = tag
        self.tagBytes = Array(tag.utf8)
        self.token = token
    }

    var address: String { Self.addressPrefix + token }
}
