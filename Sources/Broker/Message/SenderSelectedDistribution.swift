import AMQPProtocol

/// RabbitMQ's sender-selected distribution: more routing keys in the headers `CC` and `BCC`; the latter is taken out
/// before the message is stored.
struct SenderSelectedDistribution {
    private(set) var routingKeys: [[UInt8]] = []
    private(set) var hasBlindCopies = false
    private var blindKeys: [[UInt8]] = []

    /// `nil` if the headers name no further keys.
    ///
    /// - Throws: 406 if one of the two is not an array of long strings.
    init?(_ headers: PublishHeaders) throws(AMQPException) {
        let (copies, blindCopies) = (headers.copies, headers.blindCopies)
        guard copies != nil || blindCopies != nil else { return nil }
        if let copies { try add(copies, "CC") }
        if let blindCopies {
            let count = routingKeys.count
            try add(blindCopies, "BCC")
            blindKeys = Array(routingKeys[count...])
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
            // As in RabbitMQ, what is no text is no key.
            if case .longString(let key) = element { routingKeys.append(key) }
        }
    }

    /// Calls `body` with the message as it is stored: without the `BCC` header, whose keys it keeps for dead-lettering.
    func withoutBlindCopies<Result>(
        _ publication: Publication, _ body: (Publication) -> Result
    ) throws(AMQPException) -> Result {
        do {
            var properties = try BasicProperties(decoding: publication.propertyBytes)
            properties.headers?["BCC"] = nil
            var buffer = WireBuffer()
            properties.encode(into: &buffer)
            var publication = publication
            publication.propertyBytes = buffer.bytes
            publication.properties = try PropertiesView(validating: buffer.bytes)
            return RoutingKeyList.encode(blindKeys).withUnsafeBytes { bytes in
                publication.blindKeyBytes = bytes
                return body(publication)
            }
        } catch {
            // The bytes were validated when they came in.
            throw .connection(.internalError, "properties could not be written again: \(error)")
        }
    }
}
