/// Class and method id in one word: how a method is told apart on the wire.
public struct MethodID: RawRepresentable, Hashable, Sendable {
    /// The class id in the upper, the method id in the lower 16 bits.
    public let rawValue: UInt32

    @inlinable
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    @inlinable
    public init(classID: UInt16, methodID: UInt16) {
        self.rawValue = UInt32(classID) << 16 | UInt32(methodID)
    }

    @inlinable public var classID: UInt16 { UInt16(truncatingIfNeeded: rawValue >> 16) }
    @inlinable public var methodID: UInt16 { UInt16(truncatingIfNeeded: rawValue) }

    /// Class 0, method 0: what a close names when no method caused it.
    public static let none = MethodID(rawValue: 0)
}
