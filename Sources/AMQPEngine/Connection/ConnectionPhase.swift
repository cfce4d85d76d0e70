/// How far a connection has come. Forward only.
enum ConnectionPhase {
    case awaitingProtocolHeader
    case awaitingStartOk
    case awaitingTuneOk
    case awaitingOpen
    case open
    /// connection.close was sent: everything but its answer is ignored.
    case awaitingCloseOk
    /// What still comes is thrown away unread, and the socket is closed in a moment.
    case awaitingEnd
    /// The socket is closed.
    case closed

    /// Whether the peer has not been told yet that this is the end.
    var isBeforeClose: Bool {
        switch self {
        case .awaitingProtocolHeader, .awaitingStartOk, .awaitingTuneOk, .awaitingOpen, .open: true
        case .awaitingCloseOk, .awaitingEnd, .closed: false
        }
    }
}
