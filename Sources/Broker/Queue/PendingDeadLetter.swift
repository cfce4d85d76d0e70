/// A message that left its queue for the dead-letter exchange in this burst. Moved at the burst's end, so that a queue
/// never publishes while it is being published to.
struct PendingDeadLetter {
    let entry: QueueEntry
    let queue: Queue
    let reason: DeadLetterReason
    /// Whether the log knows that it is on its way.
    var isRecorded = false
}
