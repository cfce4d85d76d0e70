import AMQPProtocol

/// What a binding leads to.
public enum BindingTarget {
    case queue(Queue)
    case exchange(Exchange)

    public var name: String {
        switch self {
        case .queue(let queue): queue.name
        case .exchange(let exchange): exchange.name
        }
    }

    /// What routers know it by that need to know it across restarts (`Router.bind`).
    var routingName: [UInt8] {
        switch self {
        case .queue(let queue): Array("q\(queue.name)".utf8)
        case .exchange(let exchange): Array("e\(exchange.name)".utf8)
        }
    }

    var isDurable: Bool {
        switch self {
        case .queue(let queue): queue.isPersistent
        case .exchange(let exchange): exchange.isDurable
        }
    }

    var kind: ResourceName.Kind {
        switch self {
        case .queue: .queue
        case .exchange: .exchange
        }
    }
}

/// One rule by which an exchange hands messages on.
public final class Binding {
    /// What makes two bindings of an exchange the same.
    struct Identity: Hashable {
        let targetKind: ResourceName.Kind
        let target: WireName
        let routingKey: WireName
        let arguments: FieldTable

        init(targetKind: ResourceName.Kind, target: String, routingKey: String, arguments: FieldTable) {
            self.targetKind = targetKind
            self.target = WireName(target)
            self.routingKey = WireName(routingKey)
            self.arguments = arguments
        }
    }

    public unowned let source: Exchange
    public let target: BindingTarget
    public let routingKey: String
    public let arguments: FieldTable

    init(source: Exchange, target: BindingTarget, routingKey: String, arguments: FieldTable) {
        self.source = source
        self.target = target
        self.routingKey = routingKey
        self.arguments = arguments
    }

    var identity: Identity {
        Identity(targetKind: target.kind, target: target.name, routingKey: routingKey, arguments: arguments)
    }

    /// A binding outlives the process if both its ends do.
    var isPersistent: Bool { source.isDurable && target.isDurable }

    var journalKey: TopologyKey {
        .binding(virtualHost: source.virtualHost.name, source: source.name, identity)
    }
}
