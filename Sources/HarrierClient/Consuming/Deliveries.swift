/// The messages that a consumer gets, as they come: `for try await delivery in deliveries`.
///
/// Ends when the consumer is cancelled or this side closes the channel or connection; throws ``AMQPClientError`` when
/// the broker ends it (code `consumerCancelledByServer`), or when channel or connection are lost. A task that is
/// cancelled sees the end.
///
/// Several tasks may iterate: each message goes to one of them. When the last copy of this value goes, the consumer is
/// cancelled, and what nobody has seen goes back to the queue.
public struct Deliveries: AsyncSequence, Sendable {
    /// Cancels the consumer when nobody holds it any more.
    fileprivate final class Subscription: Sendable {
        let channel: HarrierChannel
        let consumerTag: String
        let buffer: DeliveryBuffer

        init(channel: HarrierChannel, consumerTag: String, buffer: DeliveryBuffer) {
            self.channel = channel
            self.consumerTag = consumerTag
            self.buffer = buffer
        }

        deinit {
            let (id, tag, buffer) = (channel.id, consumerTag, buffer)
            try? channel.core.perform { $0.abandonConsumer(id, tag: tag, buffer) }
        }
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let subscription: Subscription

        public mutating func next() async throws(AMQPClientError) -> Delivery? {
            try await subscription.buffer.next()
        }

        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(AMQPClientError) -> Delivery? {
            try await subscription.buffer.next(isolation: actor)
        }
    }

    private let subscription: Subscription

    init(channel: HarrierChannel, consumerTag: String, buffer: DeliveryBuffer) {
        subscription = Subscription(channel: channel, consumerTag: consumerTag, buffer: buffer)
    }

    /// The consumer's name on its channel.
    public var consumerTag: String { subscription.consumerTag }

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(subscription: subscription)
    }

    /// Ends the consumer. What has been received until then is still handed out.
    public func cancel() async throws(AMQPClientError) {
        try await subscription.channel.cancelConsumer(subscription.consumerTag)
    }
}
