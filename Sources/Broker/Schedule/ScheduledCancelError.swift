/// Why a scheduled message was not taken back.
public enum ScheduledCancelError: Error, Equatable, CustomStringConvertible {
    /// There is no message with that id: it has been delivered or taken back, or never was.
    case notFound
    /// Its time has come: it is being delivered.
    case onItsWay
    /// The broker is closing.
    case brokerClosed

    public var description: String {
        switch self {
        case .notFound: "no scheduled message has this id: it has been delivered or cancelled, or never was"
        case .onItsWay: "its time has come, and it is being delivered"
        case .brokerClosed: "the broker is closing"
        }
    }
}
