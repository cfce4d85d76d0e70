import AMQPProtocol
import Broker

extension ServerChannel {
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
        do throws(AMQPException) {
            try requireRoom(for: committed.publishes)
        } catch {
            // Nothing has happened: what was to be settled is still the consumer's.
            ledger.restore(committed.settlements.map(\.delivery))
            throw error
        }
        var failure: AMQPException?
        core.asOneGroup {
            for buffered in committed.publishes {
                do throws(AMQPException) {
                    try buffered.withPublication { publication throws(AMQPException) in
                        let outcome = try deliverOrPublish(publication, to: buffered.exchange)
                        if outcome == .unroutable, buffered.isMandatory { returnMessage(publication) }
                        // A consumer was expected to make room, and has not: RabbitMQ's words.
                        if outcome == .rejected { throw .channel(.preconditionFailed, "partial tx completion") }
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

    /// - Throws: 406 if a queue would refuse one of them.
    private func requireRoom(for publishes: [BufferedPublish]) throws(AMQPException) {
        var planned = PlannedEnqueues()
        for buffered in publishes {
            try buffered.withPublication { publication throws(AMQPException) in
                guard
                    let queue = try virtualHost.queueRefusing(publication, to: buffered.exchange, behind: &planned)
                else { return }
                throw .channel(
                    .preconditionFailed,
                    "\(queue.resourceName.text) is full: nothing of the transaction has been carried out")
            }
        }
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
