/// A message that left its queue for the dead-letter exchange in this burst. Moved at the burst's end, so that a queue
/// never publishes while it is being published to.
struct PendingDeadLetter {
    let entry: QueueEntry
    let queue: Queue
    let death: Death
    /// Its publisher was told that there is no room for it: it need not be kept if nobody takes it.
    var isRefused = false
    /// Whether the log knows that it is on its way.
    var isRecorded = false

    /// Whether the log has to know of it.
    var isDurable: Bool { queue.isPersistent && !queue.isDeleted && !entry.handle.isTransient }
}
