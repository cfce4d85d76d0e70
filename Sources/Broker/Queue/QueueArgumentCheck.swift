import AMQPProtocol

/// Reads the arguments of a queue or of a consumer one by one and refuses what can't be, in RabbitMQ's words as far as they are words.
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
            throw invalid(name, "expected an integer, found a value of type '\(value.typeName)'")
        }
        guard range.contains(number) else {
            if number < range.lowerBound {
                throw invalid(name, "\(number) is too small; the least is \(range.lowerBound)")
            }
            throw invalid(name, "\(number) is too large; the most is \(range.upperBound)")
        }
        return number
    }

    func text(_ name: String) throws(AMQPException) -> String? {
        guard let value = arguments[name] else { return nil }
        guard let text = value.stringValue else {
            throw invalid(name, "expected a string, found a value of type '\(value.typeName)'")
        }
        return text
    }

    func boolean(_ name: String) throws(AMQPException) -> Bool? {
        guard let value = arguments[name] else { return nil }
        guard let boolean = value.booleanValue else {
            throw invalid(name, "expected a boolean, found a value of type '\(value.typeName)'")
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
