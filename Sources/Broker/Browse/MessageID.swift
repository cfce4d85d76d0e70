/// What a message is called in its queue: its sequence number there, in decimal digits. It never changes, is unique in the
/// queue's life, and names the message at any depth and in any state. A message that moves to another queue gets another.
public struct MessageID: RawRepresentable, Hashable, Sendable, LosslessStringConvertible {
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// - Returns: nil unless it is a decimal number below 2^56: eight bits of a line's number, 48 of a place in it.
    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt64(text),
            number < 1 << 56
        else { return nil }
        rawValue = number
    }

    public var description: String { "\(rawValue)" }

    var place: QueueLines.Place { QueueLines.Place(sequence: rawValue) }
}
