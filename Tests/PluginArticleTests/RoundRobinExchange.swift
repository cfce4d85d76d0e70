import AMQPProtocol
import Broker
import BrokerServer
import Routing

public struct RoundRobinExchangePlugin: ServerPlugin {
    public let name = "round-robin-exchange"

    public init() {}

    public func extend(_ extensions: inout BrokerExtensions) {
        extensions.exchangeTypes.register("x-round-robin") { _, _ in RoundRobinRouter() }
    }
}

/// Sends each message to the next of the bindings.
final class RoundRobinRouter: Router {
    private var destinations: [DestinationID] = []
    private var next = 0

    override var routesByEveryKey: Bool { false }

    override func bind(
        routingKey: UnsafeRawBufferPointer, arguments: FieldTable, to destination: DestinationID
    ) throws(AMQPException) {
        destinations.append(destination)
    }

    override func unbind(routingKey: UnsafeRawBufferPointer, arguments: FieldTable, from destination: DestinationID) {
        if let index = destinations.firstIndex(of: destination) { destinations.remove(at: index) }
    }

    override func route(
        routingKey: UnsafeRawBufferPointer, properties: PropertiesView, into collector: inout RouteCollector
    ) {
        guard !destinations.isEmpty else { return }
        next = (next + 1) % destinations.count
        collector.insert(destinations[next])
    }
}
