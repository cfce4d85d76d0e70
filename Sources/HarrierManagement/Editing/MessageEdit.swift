import LosslessJSON

/// An edited copy of a message on its way, and the original that waits for it.
public struct MessageEdit: Sendable, Equatable {
    public enum Status: String, Sendable {
        case underWay = "under_way"
        /// The copy was acknowledged, and the original is gone.
        case done
        /// The copy is gone without that, and the original stays.
        case copyLost = "copy_lost"
    }

    public let id: String
    /// Where the original is.
    public let queue: String
    /// The original's id there.
    public let message: String
    public let status: Status
    /// The queues that the copy is in.
    public let copies: [String]

    init?(_ json: JSONObject) {
        guard let id = json.text("id"), let status = json.text("status").flatMap({ Status(rawValue: $0) }) else {
            return nil
        }
        self.id = id
        self.status = status
        queue = json.text("queue") ?? ""
        message = json.text("message") ?? ""
        copies = json.texts("copies") ?? []
    }
}
