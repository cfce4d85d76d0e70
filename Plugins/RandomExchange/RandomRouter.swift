import AMQPProtocol
import Routing
import SeededRandom

/// Sends each message to one of the bindings. A destination that is bound twice is twice as likely.
final class RandomRouter: Router {
    private var destinations: [DestinationID] = []
    private var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        super.init()
    }

    override var routesByEveryKey: Bool { false }

    override func bind(
        routingKey: UnsafeRawBufferPointer, arguments: FieldTable, to destination: DestinationID
    ) throws(AMQPException) {
        destinations.append(destination)
    }

    override func unbind(
        routingKey: UnsafeRawBufferPointer, arguments: FieldTable, from destination: DestinationID
    ) {
        guard let index = destinations.firstIndex(of: destination) else {
            preconditionFailure("unbound what was not bound")
        }
        destinations.swapAt(index, destinations.count - 1)
        destinations.removeLast()
    }

    override func route(
        routingKey: UnsafeRawBufferPointer, properties: PropertiesView, into collector: inout RouteCollector
    ) {
        guard !destinations.isEmpty else { return }
        collector.insert(destinations[generator.next(upTo: destinations.count)])
    }
}
