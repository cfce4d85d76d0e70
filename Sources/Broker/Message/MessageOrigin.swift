import SegmentLog

/// The durable place that a message leaves as it joins other queues.
struct MessageOrigin {
    let queue: Queue
    let place: MessageTarget
    /// Of the message's record so far.
    let position: LogPosition

    init(_ entry: QueueEntry, of queue: Queue) {
        self.queue = queue
        place = MessageTarget(queueID: queue.id, sequence: entry.sequence)
        position = entry.handle.position
    }
}
