/// The first octet of a frame (AMQP 0-9-1, section 4.2.3).
public enum FrameType: UInt8, Sendable {
    case method = 1
    case header = 2
    case body = 3
    case heartbeat = 8
}
