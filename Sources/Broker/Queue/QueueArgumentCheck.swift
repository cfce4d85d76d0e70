import AMQPProtocol

/// Reads the arguments of a queue or of a consumer one by one and refuses what can't be: in RabbitMQ's words, and then with what
/// would be right.
public struct QueueArgumentCheck {
    let arguments: FieldTable
    let queue: ResourceName

    public init(arguments: FieldTable, queue: ResourceName) {
        self.arguments = arguments
        self.queue = queue
    }

    func invalid(_ name: String, _ reason: String) -> AMQPException {
        .channel(.preconditionFailed, "invalid arg '\(name)' for \(queue.text): \(reason)")
    }

    /// - Throws: 406.
    public func integer(_ name: String, _ range: ClosedRange<Int64>) throws(AMQPException) -> Int64? {
        guard let value = arguments[name] else { return nil }
        guard let number = value.integerValue else {
            throw invalid(name, "\"expected integer, got \(value.typeName)\"")
        }
        guard range.contains(number) else {
            throw invalid(
                name, "{\(Self.fault(number, range)),\(number)}: expected \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// RabbitMQ's name for what is wrong with a number.
    private static func fault(_ number: Int64, _ range: ClosedRange<Int64>) -> String {
        if number > range.upperBound { return range.upperBound == 255 ? "max_value_exceeded" : "value_too_large" }
        return number < 0 ? "value_negative" : "value_zero"
    }

    func text(_ name: String) throws(AMQPException) -> String? {
        guard let value = arguments[name] else { return nil }
        guard let text = value.stringValue else {
            throw invalid(name, "{unacceptable_type,\(value.typeName)}: expected a string")
        }
        return text
    }

    func boolean(_ name: String) throws(AMQPException) -> Bool? {
        guard let value = arguments[name] else { return nil }
        guard let boolean = value.booleanValue else {
            throw invalid(name, "{unacceptable_type,\(value.typeName)}: expected a boolean")
        }
        return boolean
    }

    /// The names of exchanges have an error text of their own for a wrong type.
    func exchangeName(_ name: String) throws(AMQPException) -> String? {
        guard let value = arguments[name] else { return nil }
        guard let text = value.stringValue else {
            throw .channel(
                .preconditionFailed, "invalid type '\(value.typeName)' for arg '\(name)' in \(queue.text)")
        }
        return text
    }
}
