import AMQPProtocol

/// What the client said it can, in the `capabilities` table of its properties.
struct ClientCapabilities {
    /// Gets connection.close when its login is refused, instead of a closed socket.
    var authenticationFailureClose = false
    /// Gets basic.cancel when its consumer's queue is gone.
    var consumerCancelNotify = false
    /// Gets connection.blocked and connection.unblocked.
    var connectionBlocked = false

    init() {}

    init(clientProperties: FieldTable) {
        let table = clientProperties["capabilities"]?.tableValue ?? [:]
        authenticationFailureClose = table["authentication_failure_close"]?.booleanValue ?? false
        consumerCancelNotify = table["consumer_cancel_notify"]?.booleanValue ?? false
        connectionBlocked = table["connection.blocked"]?.booleanValue ?? false
    }
}
