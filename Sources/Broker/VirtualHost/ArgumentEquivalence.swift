import AMQPProtocol

/// RabbitMQ's comparison of a redeclare with what stands, and its texts for a difference.
enum ArgumentEquivalence {
    /// - Throws: 406 for the first property that differs.
    static func check(
        _ name: String, received: String, current: String, of resource: ResourceName
    ) throws(AMQPException) {
        guard !received.hasSameBytes(as: current) else { return }
        throw .channel(
            .preconditionFailed,
            "inequivalent arg '\(name)' for \(resource.text): received '\(received)' but current is '\(current)'")
    }

    /// - Throws: 406 for the first of the named arguments that differs in value; integers compare by value, whatever
    ///   their width.
    static func check(
        _ names: [String], received: FieldTable, current: FieldTable, of resource: ResourceName
    ) throws(AMQPException) {
        for name in names {
            let new = received[name]
            let old = current[name]
            guard !equal(new, old) else { continue }
            let difference: String
            switch (new, old) {
            case (let new?, let old?):
                difference = "received '\(text(new))' but current is '\(text(old))'"
            case (nil, let old?):
                difference = "received none but current is the value '\(text(old))' of type '\(old.typeName)'"
            case (let new?, nil):
                difference = "received the value '\(text(new))' of type '\(new.typeName)' but current is none"
            case (nil, nil):
                continue
            }
            throw .channel(
                .preconditionFailed, "inequivalent arg '\(name)' for \(resource.text): \(difference)")
        }
    }

    private static func equal(_ left: FieldValue?, _ right: FieldValue?) -> Bool {
        if let left = left?.integerValue, let right = right?.integerValue { return left == right }
        return left == right
    }

    private static func text(_ value: FieldValue) -> String {
        if let text = value.stringValue { return text }
        if let number = value.integerValue { return String(number) }
        if let boolean = value.booleanValue { return String(boolean) }
        switch value {
        case .double(let number): return String(number)
        case .float(let number): return String(number)
        case .timestamp(let seconds): return String(seconds)
        default: return "a \(value.typeName)"
        }
    }
}
