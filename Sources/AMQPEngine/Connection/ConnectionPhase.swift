import AMQPProtocol

/// How far a connection has come. Forward only.
enum ConnectionPhase {
    case awaitingProtocolHeader
    case awaitingStartOk
    case awaitingTuneOk
    case awaitingOpen
    case open
    /// connection.close was sent: everything but its answer is ignored.
    case awaitingCloseOk
    /// Nothing is read any more.
    case closed
}
