/// What stands in one place on the wire: a field, or up to eight neighbouring bits that share an octet, the first in
/// the lowest bit (AMQP 0-9-1, section 4.2.5.2).
enum WirePart {
    case field(Specification.Field)
    /// `name` is that of the variable that holds the octet.
    case bits([Specification.Field], name: String)
}

extension Specification.Method {
    var wireParts: [WirePart] {
        var parts: [WirePart] = []
        var octetCount = 0
        for field in fields {
            guard field.type == .bit else {
                parts.append(.field(field))
                continue
            }
            if case .bits(let bits, let name) = parts.last, bits.count < 8 {
                parts[parts.count - 1] = .bits(bits + [field], name: name)
            } else {
                octetCount += 1
                parts.append(.bits([field], name: octetCount == 1 ? "bits" : "bits\(octetCount)"))
            }
        }
        return parts
    }
}

extension Specification.Field {
    /// As a value or a declaration.
    var swiftName: String { SwiftName.escaped(swiftLabel) }
    /// As an argument label or a member, where keywords are fine.
    var swiftLabel: String { SwiftName.lowerCamel(name) }
}

extension String {
    var uppercasedFirst: String { prefix(1).uppercased() + dropFirst() }
}
