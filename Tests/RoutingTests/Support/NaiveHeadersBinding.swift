import AMQPProtocol

/// A headers binding, for a matcher that looks at one binding after the other.
struct NaiveHeadersBinding: Hashable {
    let arguments: FieldTable
    let destination: UInt32

    /// RabbitMQ's rule, written down once more on decoded values.
    func matches(_ headers: FieldTable) -> Bool {
        let match = arguments["x-match"]?.stringValue ?? "all"
        let considered = arguments.entries.filter { entry in
            match.hasSuffix("-with-x") ? entry.name != "x-match" : !entry.name.hasPrefix("x-")
        }
        let fits = considered.map { entry in
            guard let value = headers[entry.name] else { return false }
            return entry.value == .void || Self.normalForm(entry.value) == Self.normalForm(value)
        }
        return match.hasPrefix("any") ? fits.contains(true) : !fits.contains(false)
    }

    private static func normalForm(_ value: FieldValue) -> FieldValue {
        if let integer = value.integerValue { return .int64(integer) }
        return switch value {
        case .float(let number): .double(Double(number))
        case .bytes(let bytes): .longString(bytes)
        default: value
        }
    }
}
