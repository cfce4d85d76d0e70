/// The first octet of a frame (AMQP 0-9-1, section 4.2.3).
public enum FrameType: Sendable {
    case method
    case header
    case body
    case heartbeat
}

// By hand, because what the compiler derives is not inlined into other modules, and this is asked of every frame.
extension FrameType: RawRepresentable {
    @inlinable
    public init?(rawValue: UInt8) {
        switch rawValue {
        case 1: self = .method
        case 2: self = .header
        case 3: self = .body
        case 8: self = .heartbeat
        default: return nil
        }
    }

    @inlinable public var rawValue: UInt8 {
        switch self {
        case .method: 1
        case .header: 2
        case .body: 3
        case .heartbeat: 8
        }
    }
}
