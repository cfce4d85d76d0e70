import AMQPProtocol
import Definitions

/// Exchanges and queues that definitions could not make, for which there is an error already.
struct FailedDefinitions {
    struct Key: Hashable {
        let virtualHost: WireName
        let name: WireName
    }

    var exchanges: Set<Key> = []
    var queues: Set<Key> = []

    func key(_ virtualHost: String, _ name: String) -> Key {
        Key(virtualHost: WireName(virtualHost), name: WireName(name))
    }

    func concern(_ binding: BindingDefinition) -> Bool {
        let destination = key(binding.vhost, binding.destination)
        return exchanges.contains(key(binding.vhost, binding.source))
            || (binding.destinationType == .queue ? queues : exchanges).contains(destination)
    }
}
