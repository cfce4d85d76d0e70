import AMQPProtocol
import Routing

extension Router {
    func bind(_ key: String, _ arguments: FieldTable = [:], to destination: UInt32) throws(AMQPException) {
        let key = Array(key.utf8)
        let outcome = key.withUnsafeBytes { key in
            Result { () throws(AMQPException) in
                try bind(routingKey: key, arguments: arguments, to: DestinationID(rawValue: destination))
            }
        }
        try outcome.get()
    }

    func unbind(_ key: String, _ arguments: FieldTable = [:], from destination: UInt32) {
        Array(key.utf8).withUnsafeBytes {
            unbind(routingKey: $0, arguments: arguments, from: DestinationID(rawValue: destination))
        }
    }

    /// Where a message goes, sorted.
    func route(_ key: String, _ headers: FieldTable? = nil) -> [UInt32] {
        var collector = RouteCollector()
        var buffer = WireBuffer()
        BasicProperties(headers: headers).encode(into: &buffer)
        guard let properties = try? PropertiesView(validating: buffer.bytes) else {
            preconditionFailure("properties of our own encoding can't be read")
        }
        Array(key.utf8).withUnsafeBytes { route(routingKey: $0, properties: properties, into: &collector) }
        return collector.sorted()
    }
}

extension RouteCollector {
    func sorted() -> [UInt32] {
        (0..<count).map { self[$0].rawValue }.sorted()
    }
}

extension FieldTable {
    /// The table as it is encoded, without its length octets.
    func encodedContent() -> [UInt8] {
        var buffer = WireBuffer()
        encode(into: &buffer)
        return Array(buffer.bytes.dropFirst(4))
    }
}
