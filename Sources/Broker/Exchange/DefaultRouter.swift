import AMQPProtocol
import Routing

/// The default exchange: every queue is bound to it by its own name, without a binding being kept.
final class DefaultRouter: Router {
    // Unsafe: its exchange is the virtual host's.
    private unowned(unsafe) let virtualHost: VirtualHost

    init(virtualHost: VirtualHost) {
        self.virtualHost = virtualHost
        super.init()
    }

    override var routesByKeyAlone: Bool { true }

    override func route(
        routingKey: UnsafeRawBufferPointer, properties: PropertiesView, into collector: inout RouteCollector
    ) {
        guard let queue = virtualHost.queues.value(for: routingKey) else { return }
        collector.insert(queue.destination)
    }
}
