import AMQPProtocol
import Routing

extension Router {
    func bind(_ key: String, to destination: UInt32, named name: String) throws(AMQPException) {
        let key = Array(key.utf8)
        let name = Array(name.utf8)
        let outcome = key.withUnsafeBytes { key in
            name.withUnsafeBytes { name in
                Result { () throws(AMQPException) in
                    try bind(
                        routingKey: key, arguments: [:], to: DestinationID(rawValue: destination), named: name)
                }
            }
        }
        try outcome.get()
    }

    func unbind(_ key: String, from destination: UInt32) {
        Array(key.utf8).withUnsafeBytes {
            unbind(routingKey: $0, arguments: [:], from: DestinationID(rawValue: destination))
        }
    }

    /// The one destination of a message, if there is one.
    func route(_ key: String, _ properties: BasicProperties = BasicProperties()) -> UInt32? {
        var collector = RouteCollector()
        var buffer = WireBuffer()
        properties.encode(into: &buffer)
        guard let view = try? PropertiesView(validating: buffer.bytes) else {
            preconditionFailure("properties of our own encoding can't be read")
        }
        Array(key.utf8).withUnsafeBytes { route(routingKey: $0, properties: view, into: &collector) }
        precondition(collector.count < 2, "one destination at most")
        return collector.isEmpty ? nil : collector[0].rawValue
    }
}
