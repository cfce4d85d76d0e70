import AMQPProtocol

/// The fanout exchange: a message goes to whatever is bound, whatever the keys.
public final class FanoutRouter: Router {
    /// Each destination once.
    // Unchecked, since nothing that is called during an access comes back to this router.
    @exclusivity(unchecked)
    private var destinations = IDList()
    /// A destination may be bound with several keys, and goes when the last binding does.
    private var bindingCounts: [DestinationID: Int] = [:]

    public override func bind(
        routingKey: UnsafeRawBufferPointer, arguments: FieldTable, to destination: DestinationID
    ) throws(AMQPException) {
        let bindingCount = bindingCounts[destination, default: 0] + 1
        bindingCounts[destination] = bindingCount
        if bindingCount == 1 { destinations.append(destination.rawValue) }
    }

    public override func unbind(
        routingKey: UnsafeRawBufferPointer, arguments: FieldTable, from destination: DestinationID
    ) {
        guard let bindingCount = bindingCounts[destination] else {
            preconditionFailure("unbound what was not bound")
        }
        if bindingCount > 1 {
            bindingCounts[destination] = bindingCount - 1
        } else {
            bindingCounts[destination] = nil
            destinations.remove(destination.rawValue)
        }
    }

    public override var routesByKeyAlone: Bool { true }

    public override func route(
        routingKey: UnsafeRawBufferPointer, properties: PropertiesView, into collector: inout RouteCollector
    ) {
        destinations.insert(into: &collector)
    }
}
