import AMQPProtocol

/// Whose an extension's state is: one plugin's, of one exchange or queue.
struct StateOwner: Hashable {
    /// The exchange's or queue's, never used again.
    let id: UInt64
    let plugin: WireName
}
