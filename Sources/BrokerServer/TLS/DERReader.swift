/// A walk over DER, the encoding of certificates (X.690). Reads only what a certificate's subject needs; anything
/// else, and anything malformed, is `nil`.
struct DERReader {
    enum Tag: UInt8 {
        case integer = 0x02
        case objectIdentifier = 0x06
        case utf8String = 0x0c
        case printableString = 0x13
        case teletexString = 0x14
        case ia5String = 0x16
        case bmpString = 0x1e
        case sequence = 0x30
        case set = 0x31
        case explicitVersion = 0xa0
    }

    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }
    var nextTag: Tag? { rest.first.flatMap(Tag.init(rawValue:)) }

    /// Steps over the next element if it has this tag, and returns a reader of what is in it.
    mutating func open(_ tag: Tag) -> DERReader? {
        guard nextTag == tag, let content = takeElement() else { return nil }
        return DERReader(content)
    }

    /// Steps over the next element if it is a string.
    mutating func openString() -> String? {
        guard let tag = nextTag, let content = takeElement() else { return nil }
        switch tag {
        case .utf8String, .printableString, .ia5String:
            return String(validating: content, as: UTF8.self)
        case .teletexString:
            return String(String.UnicodeScalarView(content.map { Unicode.Scalar($0) }))
        case .bmpString:
            let bytes = Array(content)
            let units = stride(from: 0, to: bytes.count - 1, by: 2).map {
                UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
            }
            return String(validating: units, as: UTF16.self)
        default:
            return nil
        }
    }

    private mutating func takeElement() -> ArraySlice<UInt8>? {
        var cursor = rest.dropFirst()
        guard let first = cursor.popFirst() else { return nil }
        var length = Int(first)
        if first & 0x80 != 0 {
            let lengthBytes = Int(first & 0x7f)
            // Four bytes of length are far more than a certificate has.
            guard (1...4).contains(lengthBytes), cursor.count >= lengthBytes else { return nil }
            length = cursor.prefix(lengthBytes).reduce(0) { $0 << 8 | Int($1) }
            cursor = cursor.dropFirst(lengthBytes)
        }
        guard cursor.count >= length else { return nil }
        rest = cursor.dropFirst(length)
        return cursor.prefix(length)
    }
}
