import AMQPProtocol
import Broker
import HarrierClient

/// A message that was fetched from a dead-letter queue, and what it is to be elsewhere.
struct FetchedDeadLetter {
    /// Why it can't go.
    enum Stays: String, Error {
        case noDeath = "no_death"
        case noExchange = "no_exchange"
        case unroutable
        case refused
        case notAllowed = "not_allowed"
        case redrivenTooOften = "redriven_too_often"

        var explanation: String {
            switch self {
            case .noDeath: "its headers tell of no death, so nobody knows where it had been"
            case .noExchange: "the exchange is not there"
            case .unroutable: "no queue behind the exchange wants it"
            case .refused: "the broker refuses it: a queue is full"
            case .notAllowed: "its user_id is somebody else's, whom the broker would not let publish"
            case .redrivenTooOften: "it has been moved back too often already (x-redriven-count)"
            }
        }
    }

    let delivery: Delivery

    /// Exchange and key to publish it with.
    func target(_ destination: DestinationOptions) throws(Stays) -> (exchange: String, routingKey: String) {
        if let exchange = destination.toExchange { return (exchange, destination.routingKey ?? delivery.routingKey) }
        if let queue = destination.toQueue { return ("", queue) }
        let deaths = (delivery.properties.headers?["x-death"]?.arrayValue ?? []).compactMap(\.tableValue)
        // The newest comes first.
        guard let death = destination.death == .oldest ? deaths.last : deaths.first else { throw .noDeath }
        if destination.to == .originalQueue {
            guard let queue = death["queue"]?.stringValue else { throw .noDeath }
            return ("", queue)
        }
        guard let exchange = death["exchange"]?.stringValue,
            let key = death["routing-keys"]?.arrayValue?.first?.stringValue
        else { throw .noDeath }
        return (exchange, key)
    }

    /// Its properties as they are published: stamped, and changed as the options say.
    func properties(_ options: MoveOptions, by user: String, atSeconds now: UInt64) throws(Stays) -> BasicProperties {
        var properties = delivery.properties
        if let owner = properties.userID, owner != user { throw .notAllowed }
        var headers = properties.headers ?? FieldTable()
        let count = max(0, headers["x-redriven-count"]?.integerValue ?? 0)
        guard count < Int64(options.maxRedriven ?? RedriveOptions.redrivenDefault) else { throw .redrivenTooOften }
        headers["x-redriven-count"] = .int64(count + 1)
        headers["x-redriven-at"] = .timestamp(now)
        headers["x-redriven-by"] = .string(user)
        if options.deaths == .resetDeaths {
            headers.entries.removeAll { entry in
                entry.name == "x-death" || entry.name.hasPrefix("x-first-death-")
                    || entry.name.hasPrefix("x-last-death-")
            }
        }
        properties.headers = headers
        switch options.ttl {
        case nil, "keep": break
        case "clear": properties.expiration = nil
        case let ttl?: properties.expiration = ttl
        }
        switch options.priority {
        case nil, "keep": break
        case "clear": properties.priority = nil
        case let priority?: properties.priority = UInt8(priority)
        }
        return properties
    }
}
