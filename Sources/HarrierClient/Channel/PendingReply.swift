import AMQPProtocol

/// A request whose answer is still to come. Answers to requests of one kind come in the order of the requests; those of
/// different kinds may overtake each other, as RabbitMQ leaves basic.consume-ok and basic.cancel-ok to the queue.
struct PendingReply {
    /// What the answer changes on this side.
    enum Effect {
        case none
        case startConsumer(DeliveryBuffer)
        case endConsumer(tag: String)
        case fetch(AcknowledgementMode)
    }

    let request: MethodID
    /// `nil` if nobody waits: the caller was cancelled, or never cared.
    var call: CallID?
    let effect: Effect

    /// Whether that method answers the request. Most ids follow the request's own.
    func isAnswered(by reply: Method) -> Bool {
        switch request {
        case .basicGet: return reply.id == .basicGetOk || reply.id == .basicGetEmpty
        case .exchangeUnbind: return reply.id == .exchangeUnbindOk
        case .basicCancel:
            guard case .basicCancelOk(let cancelOk) = reply, case .endConsumer(cancelOk.consumerTag) = effect else {
                return false
            }
            return true
        default: return reply.id == MethodID(classID: request.classID, methodID: request.methodID + 1)
        }
    }
}
