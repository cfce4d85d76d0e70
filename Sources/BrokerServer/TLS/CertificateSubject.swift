/// The subject of an X.509 certificate: whom it names.
struct CertificateSubject {
    struct Attribute {
        /// The object identifier in its DER form, without tag and length.
        var identifier: [UInt8]
        var value: String
    }

    /// From the most general to the most specific, as the certificate has them. Each holds one attribute, rarely more.
    private var relativeNames: [[Attribute]] = []

    /// `nil` if the bytes are not a certificate with a subject that can be read.
    init?(certificate: [UInt8]) {
        var outer = DERReader(certificate[...])
        guard var whole = outer.open(.sequence), var signed = whole.open(.sequence) else { return nil }
        if signed.nextTag == .explicitVersion { _ = signed.open(.explicitVersion) }
        guard signed.open(.integer) != nil,  // serial number
            signed.open(.sequence) != nil,  // signature algorithm
            signed.open(.sequence) != nil,  // issuer
            signed.open(.sequence) != nil,  // validity
            var subject = signed.open(.sequence)
        else { return nil }
        while !subject.isAtEnd {
            guard var set = subject.open(.set) else { return nil }
            var attributes: [Attribute] = []
            while !set.isAtEnd {
                guard let attribute = Self.readAttribute(&set) else { return nil }
                attributes.append(attribute)
            }
            relativeNames.append(attributes)
        }
    }

    private static func readAttribute(_ set: inout DERReader) -> Attribute? {
        guard var pair = set.open(.sequence), let identifier = pair.open(.objectIdentifier),
            let value = pair.openString()
        else { return nil }
        return Attribute(identifier: Array(identifier.rest), value: value)
    }

    /// The most specific common name.
    var commonName: String? {
        relativeNames.joined().last { $0.identifier == Self.commonNameIdentifier }?.value
    }

    /// As RFC 4514 writes it, the most specific name first: `CN=orders,OU=Shop,O=Example`.
    var distinguishedName: String {
        relativeNames.reversed().map { attributes in
            attributes.map { Self.name(of: $0.identifier) + "=" + Self.escaped($0.value) }.joined(separator: "+")
        }.joined(separator: ",")
    }

    private static let commonNameIdentifier: [UInt8] = [0x55, 0x04, 0x03]

    /// The short names of RFC 4514, section 3; any other identifier in dotted numbers.
    private static func name(of identifier: [UInt8]) -> String {
        switch identifier {
        case commonNameIdentifier: "CN"
        case [0x55, 0x04, 0x06]: "C"
        case [0x55, 0x04, 0x07]: "L"
        case [0x55, 0x04, 0x08]: "ST"
        case [0x55, 0x04, 0x09]: "STREET"
        case [0x55, 0x04, 0x0a]: "O"
        case [0x55, 0x04, 0x0b]: "OU"
        case [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01]: "UID"
        case [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19]: "DC"
        default: dotted(identifier)
        }
    }

    private static func dotted(_ identifier: [UInt8]) -> String {
        var numbers: [UInt64] = []
        var number: UInt64 = 0
        for byte in identifier {
            number = number << 7 | UInt64(byte & 0x7f)
            guard byte & 0x80 == 0 else { continue }
            if numbers.isEmpty {
                let first = min(number / 40, 2)
                numbers = [first, number - first * 40]
            } else {
                numbers.append(number)
            }
            number = 0
        }
        return numbers.map(String.init).joined(separator: ".")
    }

    /// RFC 4514, section 2.4.
    private static func escaped(_ value: String) -> String {
        var escaped = ""
        for (offset, character) in value.enumerated() {
            let isAtEdge = offset == 0 || offset == value.count - 1
            switch character {
            case "\"", "+", ",", ";", "<", ">", "\\": escaped += "\\"
            case " " where isAtEdge, "#" where offset == 0: escaped += "\\"
            default: break
            }
            escaped.append(character)
        }
        return escaped
    }
}
