/// A publish that waits for room, and who waits with it.
struct QueuedPublish: Sendable {
    let message: OutboundMessage
    let call: CallID
    /// Whether the caller waits on for the confirm; otherwise it is done when the message is sent.
    let awaitsConfirm: Bool
}
