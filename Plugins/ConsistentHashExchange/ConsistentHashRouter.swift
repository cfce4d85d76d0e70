import AMQPProtocol
import Routing

/// Sends each message to one of the destinations, by a hash of its routing key, of a header (argument `hash-header`) or
/// of a property (`hash-property`: `message_id`, `correlation_id`, `timestamp`).
///
/// A binding's key is its weight, a whole number from 1 to 10000. A destination that is bound more than once has the sum of
/// the weights. Which destination a key goes to depends on the names and weights of what is bound and on nothing else,
/// restarts and the order of binding included. See ``SlotTable`` for how.
final class ConsistentHashRouter: Router {
    static let weightMax = 10_000

    private let hashedPart: HashedPart
    private var table = SlotTable()
    private var seeds: [DestinationID: UInt64] = [:]
    private var weights: [DestinationID: Int] = [:]

    init(hashing part: HashedPart) {
        hashedPart = part
        super.init()
    }

    override var routesByEveryKey: Bool { false }

    override func bind(
        routingKey: UnsafeRawBufferPointer, arguments: FieldTable, to destination: DestinationID,
        named name: UnsafeRawBufferPointer
    ) throws(AMQPException) {
        let weight = weights[destination, default: 0] + (try Self.weight(routingKey))
        let seed = StableHash.hash(name)
        weights[destination] = weight
        seeds[destination] = seed
        table.set(destination.rawValue, seed: seed, weight: Double(weight))
    }

    override func unbind(
        routingKey: UnsafeRawBufferPointer, arguments: FieldTable, from destination: DestinationID
    ) {
        guard let weight = weights[destination], let seed = seeds[destination],
            let part = try? Self.weight(routingKey)
        else { preconditionFailure("unbound what was not bound") }
        guard weight > part else {
            weights[destination] = nil
            seeds[destination] = nil
            return table.remove(destination.rawValue)
        }
        weights[destination] = weight - part
        table.set(destination.rawValue, seed: seed, weight: Double(weight - part))
    }

    override func route(
        routingKey: UnsafeRawBufferPointer, properties: PropertiesView, into collector: inout RouteCollector
    ) {
        guard let id = table.member(ofHash: hashedPart.hash(routingKey: routingKey, properties)) else { return }
        collector.insert(DestinationID(rawValue: id))
    }

    /// - Throws: 406 in RabbitMQ's words.
    private static func weight(_ key: UnsafeRawBufferPointer) throws(AMQPException) -> Int {
        let text = String(decoding: key, as: UTF8.self)
        guard let weight = Int(text) else {
            throw .channel(.preconditionFailed, "The binding key must be an integer: <<\"\(text)\">>")
        }
        guard weight >= 1 else {
            throw .channel(.preconditionFailed, "The binding key must be greater than 0")
        }
        guard weight <= weightMax else {
            throw .channel(.preconditionFailed, "The binding key must not exceed \(weightMax)")
        }
        return weight
    }
}
