/// Why a message left its queue unwanted: the `reason` of an `x-death` entry.
enum DeadLetterReason: String, CaseIterable {
    case rejected
    case expired
    case maxLength = "maxlen"
    case deliveryLimit = "delivery_limit"

    /// The name, for as long as the process lives.
    var bytes: UnsafeRawBufferPointer {
        let name: StaticString =
            switch self {
            case .rejected: "rejected"
            case .expired: "expired"
            case .maxLength: "maxlen"
            case .deliveryLimit: "delivery_limit"
            }
        return UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    }

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
