/// Why a message left its queue unwanted: the `reason` of an `x-death` entry.
enum DeadLetterReason: String {
    case rejected
    case expired
    case maxLength = "maxlen"
    case deliveryLimit = "delivery_limit"

    /// As it stands in records.
    var code: UInt64 {
        switch self {
        case .rejected: 0
        case .expired: 1
        case .maxLength: 2
        case .deliveryLimit: 3
        }
    }

    init?(code: UInt64) {
        switch code {
        case 0: self = .rejected
        case 1: self = .expired
        case 2: self = .maxLength
        case 3: self = .deliveryLimit
        default: return nil
        }
    }
}
