/// What became of a dead letter.
enum DeadLetterOutcome {
    /// It has left its queue: to others, or for good.
    case moved
    /// Its exchange is not there, or no queue behind it wants the message.
    case unroutable
    /// A queue that wants it is full.
    case refused
    /// It is not in memory, and has been asked for.
    case away
}
