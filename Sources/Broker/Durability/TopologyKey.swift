import AMQPProtocol

/// What a topology record is about. A later record of the same key replaces the earlier one.
enum TopologyKey {
    case virtualHost(String)
    case user(String)
    case permission(user: String, virtualHost: String)
    case topicPermission(user: String, virtualHost: String, exchange: String)
    case parameter(virtualHost: String, component: String, name: String)
    case exchange(virtualHost: String, name: String)
    case queue(virtualHost: String, name: String)
    case binding(virtualHost: String, source: String, Binding.Identity)
    case extensionState(StateOwner, number: UInt64)
    /// A task that moves messages.
    case redrive(UInt64)
    /// An edit of a message.
    case edit(UInt64)
}

extension TopologyKey: Hashable {
    /// What tells it from others: names by their bytes.
    private struct Parts: Hashable {
        let kind: Int
        let names: [WireName]
        var binding: Binding.Identity?
        var state: StateOwner?
        var number: UInt64 = 0
    }

    private var parts: Parts {
        func parts(_ kind: Int, _ names: String..., binding: Binding.Identity? = nil) -> Parts {
            Parts(kind: kind, names: names.map { WireName($0) }, binding: binding)
        }
        return switch self {
        case .virtualHost(let name): parts(0, name)
        case .user(let name): parts(1, name)
        case .permission(let user, let virtualHost): parts(2, user, virtualHost)
        case .topicPermission(let user, let virtualHost, let exchange): parts(3, user, virtualHost, exchange)
        case .parameter(let virtualHost, let component, let name): parts(4, virtualHost, component, name)
        case .exchange(let virtualHost, let name): parts(5, virtualHost, name)
        case .queue(let virtualHost, let name): parts(6, virtualHost, name)
        case .binding(let virtualHost, let source, let identity): parts(7, virtualHost, source, binding: identity)
        case .extensionState(let owner, let number): Parts(kind: 8, names: [], state: owner, number: number)
        case .redrive(let id): Parts(kind: 9, names: [], number: id)
        case .edit(let id): Parts(kind: 10, names: [], number: id)
        }
    }

    static func == (left: TopologyKey, right: TopologyKey) -> Bool { left.parts == right.parts }

    func hash(into hasher: inout Hasher) { hasher.combine(parts) }
}
