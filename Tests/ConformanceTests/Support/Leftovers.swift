import AMQPProtocol
import Synchronization
import Testing

/// Names that tests have made up, to be deleted from a broker that lives on.
final class Leftovers: Sendable {
    static let shared = Leftovers()

    private let names = Mutex<[String]>([])

    func add(_ name: String) {
        names.withLock { $0.append(name) }
    }

    /// Deletes the queues and exchanges with these names. Deleting one that is not there is fine.
    func delete(from broker: BrokerUnderTest) async throws {
        let channel = try await WireClient.open(broker).openChannel()
        for name in names.withLock({ $0 }) {
            try await channel.call(QueueDelete(queue: name), QueueDeleteOk.self)
            try await channel.call(ExchangeDelete(exchange: name), ExchangeDeleteOk.self)
        }
    }
}

/// A name that no other test and no other run has.
func unique(_ what: String = "thing") -> String {
    let name = "conformance-\(what)-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    Leftovers.shared.add(name)
    return name
}
