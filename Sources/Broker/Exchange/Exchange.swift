import AMQPProtocol
import Routing

/// An exchange: a router and the bindings that it was built from.
public final class Exchange {
    public let name: String
    public let type: String
    public let isDurable: Bool
    public let isAutoDelete: Bool
    /// Reachable by bindings only, never by a publish.
    public let isInternal: Bool
    public let arguments: FieldTable
    /// Where messages go that no binding wants, by an argument or a policy. Looked up at each use: it may come and go.
    public internal(set) var alternateExchange: String?
    public unowned let virtualHost: VirtualHost
    /// Never used again; 0 for those that the broker makes itself.
    let id: UInt64
    /// Looks at what is published here, if there is one.
    @exclusivity(unchecked) var filter: PublishFilter?

    /// How many messages it keeps; 0 for none.
    let historyLength: Int
    /// Those that it has kept; made for the first.
    var history: Queue?

    let destination: DestinationID
    let router: Router
    /// Bindings that start here.
    var outgoing: [Binding.Identity: Binding] = [:]
    /// Bindings of other exchanges that lead here.
    var incoming: [ObjectIdentifier: Binding] = [:]

    init(
        name: String,
        properties: ExchangeProperties,
        id: UInt64,
        router: Router,
        destination: DestinationID,
        virtualHost: VirtualHost
    ) {
        self.name = name
        self.id = id
        self.type = properties.type
        self.isDurable = properties.isDurable
        self.isAutoDelete = properties.isAutoDelete
        self.isInternal = properties.isInternal
        self.arguments = properties.arguments
        self.router = router
        self.historyLength = router.historyLength
        self.destination = destination
        self.virtualHost = virtualHost
    }

    /// Messages that a filter has kept out since the start.
    public var filteredCount: UInt64 { filter?.filteredCount ?? 0 }
    var resourceName: ResourceName { ResourceName(.exchange, name, in: virtualHost.name) }
    var isDefault: Bool { name.isEmpty }
    /// Made by the broker with the virtual host, and there as long as that is.
    var isPredeclared: Bool { name.isEmpty || name.hasPrefixBytes("amq.") }
}
