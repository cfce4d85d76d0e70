import AMQPProtocol

extension BrokerCore {
    // MARK: Names

    func takeQueueID() -> UInt64 {
        defer { nextQueueID += 1 }
        return nextQueueID
    }

    func makeQueueName() -> String { queueNames.next() }

    /// Text that nobody can guess, for consumer tags and addresses.
    public func makeToken() -> String { queueNames.token(characters: 22) }

    // MARK: Direct reply-to

    /// Lets replies reach the channel.
    /// - Returns: the token that stands in the address of its requests.
    public func registerReplyChannel(_ channel: ClientChannel) -> String {
        let token = makeToken()
        replyChannels[WireName(token)] = channel
        return token
    }

    public func unregisterReplyChannel(_ token: String) { replyChannels[WireName(token)] = nil }

    public func replyChannel(_ token: String) -> ClientChannel? { replyChannels[WireName(token)] }
}
