/// Looks at what is published to one exchange, or into one queue, and lets it pass or not. Plugins subclass it and
/// register what makes it (``PublishFilters``); exchanges and queues that have none pay nothing for it.
///
/// A message that is not let pass counts as taken: its publisher gets an ack, it is not returned as unroutable, and what
/// waits for its confirm waits until everything before it is durable. Dead letters have been confirmed, so no filter is
/// asked about them: they would be lost. A message that is to be delivered later is shown to its exchange's filter when it is
/// published, and to all others when it is routed.
///
/// Owned by the virtual host's core and only ever called there. A filter must not publish, declare, delete or block.
/// Bytes of a publication are valid during the call only.
open class PublishFilter {
    /// What a message became that was let pass.
    public struct Acceptance {
        /// The message's number in the filter's queue, unique in the queue's life; 0 for an exchange's filter.
        public let sequence: UInt64
        /// The message outlives the process. What the filter puts into its state now is in one group of the log with
        /// it: after a crash both are there, or neither. If this is false, what is put there would outlive the message.
        public let isDurable: Bool
        /// Milliseconds since 1970.
        public let nowMilliseconds: UInt64
    }

    weak var queue: Queue?
    /// Messages that were not let pass since the start.
    public internal(set) final var filteredCount: UInt64 = 0

    public init() {}

    /// Whether the message may pass. Asked once for each publish: an exchange's filter before anything is routed from the
    /// exchange, a queue's once the message has been routed to the queue. Others may keep it out yet, so nothing is to be
    /// remembered here.
    open func admits(_ publication: Publication, nowMilliseconds: UInt64) -> Bool { true }

    /// The message is where it was going: an exchange's is in at least one queue and no queue has refused it, a queue's
    /// is in that. A queue's filter is told of messages that the broker moves there as well.
    ///
    /// What no queue wants, and what its publisher is told was refused, is not accepted: it may come again.
    open func accepted(_ publication: Publication, _ acceptance: Acceptance) {}

    /// The broker has started, the exchange or queue is there with what the filter's state held, and nothing has been
    /// published yet.
    open func recovered(nowMilliseconds: UInt64) {}

    /// Whether a message is still in the filter's queue, ready or handed out. False for an exchange's filter.
    public final func isInQueue(_ sequence: UInt64) -> Bool {
        queue?.ready.isLive(QueueLines.Place(sequence: sequence)) ?? false
    }
}
