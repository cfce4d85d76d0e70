/// What the broker asks of whoever consumes: an AMQP channel, a session of another protocol. Called on the core's
/// loop only. A class and not a protocol, since a call stands on the path of every delivery.
open class ClientChannel {
    public init() {}

    /// Whether the consumer may be given one more message now. Whoever answers no calls `Queue.resume` when that
    /// changes.
    open func canTake(_ consumer: Consumer) -> Bool {
        preconditionFailure("abstract")
    }

    /// Hands a message over. Unless the consumer acknowledges automatically, the channel owns the entry until it
    /// settles it with the queue. The view is valid for this call.
    open func deliver(_ entry: QueueEntry, _ message: MessageView, to consumer: Consumer) {
        preconditionFailure("abstract")
    }

    /// A reply for this channel's direct reply-to consumer. The message is stored nowhere else.
    ///
    /// - Returns: whether the channel has taken it. It does not when its client reads too little; the reply is lost then.
    open func deliverReply(_ publication: Publication) -> Bool {
        preconditionFailure("abstract")
    }

    /// The queue is gone, and so is the subscription.
    open func consumerCancelled(_ consumer: Consumer) {
        preconditionFailure("abstract")
    }
}
