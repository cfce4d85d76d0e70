import AMQPProtocol

/// The direct exchange: a message goes where its routing key is bound, byte for byte. One look-up in a hash table
/// of the keys.
public final class DirectRouter: Router {
    // Unchecked, since nothing that is called during an access comes back to this router.
    @exclusivity(unchecked)
    private var destinationsByKey = ByteTable<IDList>()

    /// How many different keys are bound.
    var keyCount: Int { destinationsByKey.count }

    public override func bind(
        routingKey: UnsafeRawBufferPointer, arguments: FieldTable, to destination: DestinationID
    ) throws(AMQPException) {
        destinationsByKey.withValue(for: routingKey, default: IDList()) { $0.append(destination.rawValue) }
    }

    public override func unbind(
        routingKey: UnsafeRawBufferPointer, arguments: FieldTable, from destination: DestinationID
    ) {
        let isUnused = destinationsByKey.withValue(for: routingKey, default: IDList()) { destinations in
            let wasBound = destinations.remove(destination.rawValue)
            precondition(wasBound, "unbound what was not bound")
            return destinations.isEmpty
        }
        if isUnused { destinationsByKey.remove(routingKey) }
    }

    public override var routesByKeyAlone: Bool { true }

    public override func route(
        routingKey: UnsafeRawBufferPointer, properties: PropertiesView, into collector: inout RouteCollector
    ) {
        destinationsByKey.withValue(for: routingKey) { $0.insert(into: &collector) }
    }
}
