/// What became of a dead letter.
enum DeadLetterOutcome: Equatable {
    /// It has left its queue: to others, or for good.
    case moved
    /// It can't go on for now.
    case stays(Cause)
    /// It is not in memory, and has been asked for.
    case away

    /// Why a dead letter stays where it is, as logs say it.
    enum Cause: String {
        case noTarget = "the queue has no dead-letter exchange any more"
        case noExchange = "there is no such exchange"
        case noRoute = "no queue wants them"
        case noRoom = "a queue has no room"
        case hopsMax = "they have gone on as often as max-dead-letter-hops lets them"
        /// Declarations refuse such keys; stored ones of before they did are met.
        case routingKeyTooLong = "dead-letter-routing-key is too long for any frame"
    }
}
