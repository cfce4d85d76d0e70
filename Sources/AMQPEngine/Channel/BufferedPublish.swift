import AMQPProtocol
import Broker

/// A publish that waits for its transaction's commit. Owns its bytes.
struct BufferedPublish {
    let exchange: Exchange
    let isMandatory: Bool
    /// Exchange, routing key, properties and body, one behind the other.
    private let bytes: [UInt8]
    private let routingKeyOffset: Int
    private let propertiesOffset: Int
    private let bodyOffset: Int
    private let expirationMilliseconds: UInt64?

    init(_ publication: Publication, to exchange: Exchange, isMandatory: Bool) {
        self.exchange = exchange
        self.isMandatory = isMandatory
        routingKeyOffset = publication.exchange.count
        propertiesOffset = routingKeyOffset + publication.routingKey.count
        bodyOffset = propertiesOffset + publication.propertyBytes.count
        expirationMilliseconds = publication.expirationMilliseconds
        var bytes: [UInt8] = []
        bytes.reserveCapacity(bodyOffset + publication.body.count)
        bytes += publication.exchange
        bytes += publication.routingKey
        bytes += publication.propertyBytes
        bytes += publication.body
        self.bytes = bytes
    }

    var byteCount: Int { bytes.count }

    func withPublication(_ call: (Publication) throws(AMQPException) -> Void) throws(AMQPException) {
        try bytes.span.bytes.withUnsafeBytes { all throws(AMQPException) in
            let propertyBytes = UnsafeRawBufferPointer(rebasing: all[propertiesOffset..<bodyOffset])
            let properties: PropertiesView
            do throws(WireError) {
                properties = try PropertiesView(validating: propertyBytes)
            } catch {
                throw AMQPException(malformed: error)
            }
            try call(
                Publication(
                    exchange: UnsafeRawBufferPointer(rebasing: all[..<routingKeyOffset]),
                    routingKey: UnsafeRawBufferPointer(rebasing: all[routingKeyOffset..<propertiesOffset]),
                    properties: properties,
                    propertyBytes: propertyBytes,
                    body: UnsafeRawBufferPointer(rebasing: all[bodyOffset...]),
                    expirationMilliseconds: expirationMilliseconds))
        }
    }
}
