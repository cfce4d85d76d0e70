import AMQPProtocol
import Broker

extension ServerChannel {
    func acknowledge(_ ack: AckView) throws(AMQPException) {
        try settle(ack.deliveryTag, multiple: ack.multiple, as: .acknowledge)
    }

    func reject(_ nack: NackView) throws(AMQPException) {
        try settle(nack.deliveryTag, multiple: nack.multiple, as: nack.requeue ? .requeue : .reject)
    }

    func reject(_ reject: RejectView) throws(AMQPException) {
        try settle(reject.deliveryTag, multiple: false, as: reject.requeue ? .requeue : .reject)
    }

    /// - Throws: 406 for a tag that is not outstanding. 0 with `multiple` means all, also if that is none.
    private func settle(
        _ tag: UInt64, multiple: Bool, as settlement: Transaction.Settlement
    ) throws(AMQPException) {
        if multiple {
            if tag == 0 {
                for delivery in ledger.takeAll() { settle(delivery, as: settlement) }
            } else if !ledger.take(through: tag, { settle($0, as: settlement) }) {
                throw .channel(.preconditionFailed, "unknown delivery tag \(tag)")
            }
        } else {
            guard let delivery = ledger.take(tag) else {
                throw .channel(.preconditionFailed, "unknown delivery tag \(tag)")
            }
            settle(delivery, as: settlement)
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
        case .requeue: delivery.queue.requeue(delivery.entry, from: delivery.consumer)
        case .reject: delivery.queue.reject(delivery.entry, from: delivery.consumer)
        }
    }

    func recover(_ requeue: Bool, answers: Bool) throws(AMQPException) {
        guard requeue else { throw .connection(.notImplemented, "requeue=false") }
        for delivery in ledger.takeAll() { carryOut(.requeue, delivery) }
        resumeLimitedConsumers()
        if answers { reply(BasicRecoverOk()) }
    }

    // MARK: Transactions

    func selectTransactions() throws(AMQPException) {
        guard mode != .confirming else {
            throw .channel(.preconditionFailed, "cannot switch from confirm to tx mode")
        }
        mode = .transactional
        reply(TxSelectOk())
    }

    /// All publishes and acks since the last commit take effect together: after a crash all of them are there, or none.
    func commit() throws(AMQPException) {
        try requireTransactions()
        let committed = transaction
        transaction = Transaction()
        var failure: AMQPException?
        core.asOneGroup {
            for buffered in committed.publishes {
                do throws(AMQPException) {
                    try buffered.withPublication { publication throws(AMQPException) in
                        let outcome = try deliverOrPublish(publication, to: buffered.exchange)
                        if outcome == .unroutable, buffered.isMandatory { returnMessage(publication) }
                    }
                } catch {
                    failure = failure ?? error
                }
            }
            for (delivery, settlement) in committed.settlements { carryOut(settlement, delivery) }
        }
        if let failure { throw failure }
        connection.sendWhenDurable(.txCommitOk(TxCommitOk()), on: number)
    }

    func rollback() throws(AMQPException) {
        try requireTransactions()
        ledger.restore(transaction.settlements.map(\.delivery))
        transaction = Transaction()
        reply(TxRollbackOk())
    }

    private func requireTransactions() throws(AMQPException) {
        guard mode == .transactional else {
            throw .channel(.preconditionFailed, "channel is not transactional")
        }
    }
}
