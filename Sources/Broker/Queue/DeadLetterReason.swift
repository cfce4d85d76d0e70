/// Why a message left its queue unwanted: the `reason` of an `x-death` entry.
enum DeadLetterReason: String {
    case rejected
    case expired
    case maxLength = "maxlen"
}
