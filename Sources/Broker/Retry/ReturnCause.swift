/// Why a message that was handed out comes back to its queue. Failures count toward the delivery limit, as in RabbitMQ
/// since 4.3.
public enum ReturnCause: Sendable {
    /// basic.nack with requeue, basic.recover, or its consumer's time for it was over.
    case returned
    /// basic.reject with requeue, or whoever had it is gone.
    case failed
}
