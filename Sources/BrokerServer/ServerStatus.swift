/// Where in its life a server is. It only moves forward.
public enum ServerStatus: String, Sendable {
    /// The data directory is being opened and recovered; nothing is accepted yet.
    case starting
    /// Clients are served.
    case running
    /// Nothing new is accepted; clients are being sent away and the log is being flushed.
    case draining
    /// The data directory is closed.
    case stopped
}
