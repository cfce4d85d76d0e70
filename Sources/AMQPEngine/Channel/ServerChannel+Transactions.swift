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
