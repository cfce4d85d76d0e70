import ArgumentParser
import LosslessJSON

/// Where messages are to go.
struct DestinationOptions: ParsableArguments {
    enum Target: String, CaseIterable, ExpressibleByArgument {
        case original
        case originalQueue = "original-queue"
    }

    enum Age: String, CaseIterable, ExpressibleByArgument {
        case oldest, newest
    }

    @Option(
        help: """
            original, the default: to the exchange and the key that a message had before it died; original-queue: straight \
            to the queue that it died in.
            """)
    var to: Target?

    @Option(help: "Which of a message's deaths says where it had been: newest, the default, or oldest.")
    var death: Age?

    @Option(help: ArgumentHelp("To this exchange.", valueName: "exchange"))
    var toExchange: String?

    @Option(help: ArgumentHelp("With --to-exchange: the routing key, instead of each message's own.", valueName: "key"))
    var routingKey: String?

    @Option(help: ArgumentHelp("Straight to this queue.", valueName: "queue"))
    var toQueue: String?

    func validate() throws {
        guard [to != nil, toExchange != nil, toQueue != nil].count(where: { $0 }) <= 1 else {
            throw ValidationError("only one of --to, --to-exchange and --to-queue can be meant")
        }
        guard routingKey == nil || toExchange != nil else {
            throw ValidationError("--routing-key goes with --to-exchange")
        }
        guard death == nil || (toExchange == nil && toQueue == nil) else {
            throw ValidationError("--death goes with --to original or original-queue")
        }
    }

    /// What the API is asked with.
    var fields: [String: JSONValue] {
        var fields: [String: JSONValue] = [:]
        if let toExchange {
            fields["to"] = "exchange"
            fields["exchange"] = .string(toExchange)
            fields["routing_key"] = JSONValue(routingKey)
        } else if let toQueue {
            fields["to"] = "queue"
            fields["queue"] = .string(toQueue)
        } else {
            fields["to"] = JSONValue(to?.rawValue)
            fields["death"] = JSONValue(death?.rawValue)
        }
        return fields
    }
}
