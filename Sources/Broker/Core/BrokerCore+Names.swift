import AMQPProtocol
import Logging

extension BrokerCore {
    // MARK: Names

    func takeQueueID() -> UInt64 {
        defer { nextQueueID += 1 }
        return nextQueueID
    }

    func makeQueueName() -> String { queueNames.next() }

    /// Text that nobody can guess, for consumer tags and addresses.
    public func makeToken() -> String { queueNames.token(characters: 22) }

    // MARK: Unknown arguments

    /// Says that a queue, an exchange or a consumer has arguments that nobody knows, or refuses them.
    ///
    /// - Throws: 406 if they are to be refused.
    public func acceptUnknown(_ arguments: [String], of owner: String) throws(AMQPException) {
        guard let first = arguments.first else { return }
        guard configuration.unknownArguments == .accept else {
            throw .channel(.preconditionFailed, "invalid arg '\(first)' for \(owner): nobody knows it")
        }
        logger.warning(
            "arguments that nobody knows are without effect",
            metadata: ["of": "\(owner)", "arguments": "\(arguments.joined(separator: ", "))"])
    }

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
