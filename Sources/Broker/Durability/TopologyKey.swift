/// What a topology record is about. A later record of the same key replaces the earlier one.
enum TopologyKey: Hashable {
    case virtualHost(String)
    case user(String)
    case permission(user: String, virtualHost: String)
    case topicPermission(user: String, virtualHost: String, exchange: String)
    case parameter(virtualHost: String, component: String, name: String)
    case exchange(virtualHost: String, name: String)
    case queue(virtualHost: String, name: String)
    case binding(virtualHost: String, source: String, Binding.Identity)
}
