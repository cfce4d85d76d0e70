/// An exchange with a queue that is bound to it, and what is known of them.
struct TopologyItem: Sendable {
    enum Presence: Sendable {
        case present
        case absent
        /// Asked for, and not answered.
        case inDoubt
    }

    let name: String
    var exchange = Presence.absent
    var queue = Presence.absent
    var binding = Presence.absent

    /// The routing key of the binding.
    static let key = "key"
}
