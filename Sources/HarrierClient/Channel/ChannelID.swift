/// Names one channel for as long as the connection lives. Numbers of channels are used again, these never.
struct ChannelID: Hashable, Sendable {
    let rawValue: UInt64
}
