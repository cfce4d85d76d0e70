/// What a transaction is about to put into queues that refuse what they have no room for.
public struct PlannedEnqueues {
    struct Share {
        var messageCount = 0
        var byteCount = 0
    }

    var shares: [UInt64: Share] = [:]

    public init() {}
}
