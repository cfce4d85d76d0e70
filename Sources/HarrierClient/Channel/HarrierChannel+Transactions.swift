import AMQPProtocol

extension HarrierChannel {
    /// Makes the channel transactional (tx.select): publishes and acknowledgements take effect with
    /// ``commitTransaction()``. It stays so, each commit or rollback begins the next transaction, and it cannot be
    /// combined with confirms.
    public func enableTransactions() async throws(AMQPClientError) {
        _ = try await request(.txSelect(TxSelect()))
    }

    /// All that was published and acknowledged since the last commit or rollback takes effect.
    public func commitTransaction() async throws(AMQPClientError) {
        _ = try await request(.txCommit(TxCommit()))
    }

    /// Nothing that was published and acknowledged since the last commit or rollback has happened.
    public func rollbackTransaction() async throws(AMQPClientError) {
        _ = try await request(.txRollback(TxRollback()))
    }
}
