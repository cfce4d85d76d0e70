import AMQPProtocol

/// RabbitMQ's sender-selected distribution: more routing keys in the headers `CC` and `BCC`; the latter is taken out
/// before the message is stored.
struct SenderSelectedDistribution {
    private(set) var routingKeys: [[UInt8]] = []
    private(set) var hasBlindCopies = false

    /// `nil` if the headers name no further keys.
    ///
    /// - Throws: 406 if one of the two is not an array of long strings.
    init?(_ headers: FieldTableView) throws(AMQPException) {
        let copies = headers.find("CC")
        let blindCopies = headers.find("BCC")
        guard copies != nil || blindCopies != nil else { return nil }
        if let copies { try add(copies, "CC") }
        if let blindCopies {
            try add(blindCopies, "BCC")
            hasBlindCopies = true
        }
    }

    private mutating func add(_ header: FieldValueView, _ name: String) throws(AMQPException) {
        let value = header.decoded()
        guard let elements = value.arrayValue else {
            throw .channel(
                .preconditionFailed, "invalid message: {unacceptable_type_in_header,\"\(name)\",\(value.typeName)}")
        }
        for element in elements {
            guard case .longString(let key) = element else {
                throw .channel(
                    .preconditionFailed,
                    "invalid message: {unacceptable_type_in_header,\"\(name)\",\(element.typeName)}")
            }
            routingKeys.append(key)
        }
    }

    /// Calls `body` with the properties as they are stored: without the `BCC` header.
    func withoutBlindCopies<Result>(
        _ propertyBytes: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer, PropertiesView) -> Result
    ) throws(AMQPException) -> Result {
        do {
            var properties = try BasicProperties(decoding: propertyBytes)
            properties.headers?["BCC"] = nil
            var buffer = WireBuffer()
            properties.encode(into: &buffer)
            return body(buffer.bytes, try PropertiesView(validating: buffer.bytes))
        } catch {
            // The bytes were validated when they came in.
            throw .connection(.internalError, "properties could not be written again: \(error)")
        }
    }
}
