import AMQPProtocol
import Broker

extension ServerChannel {
    func acknowledge(_ ack: AckView) throws(AMQPException) {
        try settle(ack.deliveryTag, multiple: ack.multiple, as: .acknowledge)
    }

    func reject(_ nack: NackView) throws(AMQPException) {
        try settle(nack.deliveryTag, multiple: nack.multiple, as: nack.requeue ? .requeue(.returned) : .reject)
    }

    func reject(_ reject: RejectView) throws(AMQPException) {
        try settle(reject.deliveryTag, multiple: false, as: reject.requeue ? .requeue(.failed) : .reject)
    }

    /// - Throws: 406 for a tag that is not outstanding. 0 with `multiple` means all, also if that is none.
    private func settle(
        _ tag: UInt64, multiple: Bool, as settlement: Transaction.Settlement
    ) throws(AMQPException) {
        if multiple {
            if tag == 0 {
                for delivery in ledger.takeAll() { settle(delivery, as: settlement) }
            } else if settlement == .acknowledge, mode != .transactional {
                guard ledger.takeRuns(through: tag, { $1.acknowledge($0, from: $2) }) else {
                    throw .channel(.preconditionFailed, "unknown delivery tag \(tag)")
                }
            } else if !ledger.take(through: tag, { settle($0, as: settlement) }) {
                throw .channel(.preconditionFailed, "unknown delivery tag \(tag)")
            }
        } else if let delivery = ledger.take(tag) {
            settle(delivery, as: settlement)
        } else if !ledger.takeReclaimed(tag) {
            throw .channel(.preconditionFailed, "unknown delivery tag \(tag)")
        }
        resumeLimitedConsumers()
    }

    private func settle(_ delivery: UnackedLedger.Delivery, as settlement: Transaction.Settlement) {
        if mode == .transactional {
            transaction.settlements.append((delivery, settlement))
        } else {
            carryOut(settlement, delivery)
        }
    }

    func carryOut(_ settlement: Transaction.Settlement, _ delivery: UnackedLedger.Delivery) {
        switch settlement {
        case .acknowledge: delivery.queue.acknowledge(delivery.entry, from: delivery.consumer)
        case .requeue(let cause): delivery.queue.requeue(delivery.entry, from: delivery.consumer, as: cause)
        case .reject: delivery.queue.reject(delivery.entry, from: delivery.consumer)
        }
    }

    func recover(_ requeue: Bool, answers: Bool) throws(AMQPException) {
        guard requeue else { throw .connection(.notImplemented, "requeue=false") }
        for delivery in ledger.takeAll() { carryOut(.requeue(.returned), delivery) }
        resumeLimitedConsumers()
        if answers { reply(BasicRecoverOk()) }
    }
}
