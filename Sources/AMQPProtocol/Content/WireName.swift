/// A name as it stands on the wire, where the same name means the same bytes: what names are looked up by.
///
/// `String` is no key for what clients name. It takes texts for equal that Unicode takes for equivalent, "é" in one scalar
/// and in two, and two queues would become one.
public struct WireName: Hashable, Sendable {
    public let text: String

    public init(_ text: String) {
        self.text = text
    }

    public static func == (left: WireName, right: WireName) -> Bool {
        left.text.hasSameBytes(as: right.text)
    }

    public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(UInt8.max)
    }
}

/// In the order of their bytes.
extension WireName: Comparable {
    public static func < (left: WireName, right: WireName) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

extension WireName: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) {
        self.init(text)
    }
}

extension WireName: CustomStringConvertible {
    public var description: String { text }
}

extension String {
    /// Whether the texts are the same byte for byte, which `==` does not ask.
    public func hasSameBytes(as other: String) -> Bool {
        utf8.elementsEqual(other.utf8)
    }

    /// Whether the bytes begin with those. An accent behind the last of them makes no other character of it, as it does
    /// to `hasPrefix`.
    public func hasPrefixBytes(_ prefix: String) -> Bool {
        utf8.starts(with: prefix.utf8)
    }
}
