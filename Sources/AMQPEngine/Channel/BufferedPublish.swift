import AMQPProtocol
import Broker

/// A publish that waits for its transaction's commit. Owns its bytes.
struct BufferedPublish {
    let exchange: Exchange
    let isMandatory: Bool
    private let exchangeName: [UInt8]
    private let routingKey: [UInt8]
    private let propertyBytes: [UInt8]
    private let body: [UInt8]
    private let expirationMilliseconds: UInt64?

    init(_ publication: Publication, to exchange: Exchange, isMandatory: Bool) {
        self.exchange = exchange
        self.isMandatory = isMandatory
        exchangeName = Array(publication.exchange)
        routingKey = Array(publication.routingKey)
        propertyBytes = Array(publication.propertyBytes)
        body = Array(publication.body)
        expirationMilliseconds = publication.expirationMilliseconds
    }

    func withPublication(_ call: (Publication) throws(AMQPException) -> Void) throws(AMQPException) {
        // Nested for the pointers' lifetimes; typed errors cross by hand.
        var failure: AMQPException?
        exchangeName.withUnsafeBytes { exchangeName in
            routingKey.withUnsafeBytes { routingKey in
                propertyBytes.withUnsafeBytes { propertyBytes in
                    body.withUnsafeBytes { body in
                        do {
                            let properties = try PropertiesView(validating: propertyBytes)
                            try call(
                                Publication(
                                    exchange: exchangeName, routingKey: routingKey, properties: properties,
                                    propertyBytes: propertyBytes, body: body,
                                    expirationMilliseconds: expirationMilliseconds))
                        } catch let error as AMQPException {
                            failure = error
                        } catch {
                            failure = .connection(.internalError, "buffered properties can't be read: \(error)")
                        }
                    }
                }
            }
        }
        if let failure { throw failure }
    }
}
