import ArgumentParser

/// Where messages are moved to, and how.
struct MoveOptions: ParsableArguments {
    enum Deaths: EnumerableFlag {
        case keepDeaths, resetDeaths

        static func help(for value: Deaths) -> ArgumentHelp? {
            switch value {
            case .keepDeaths: "Messages keep their x-death history. The default."
            case .resetDeaths: "The x-death history is taken out, and begins anew."
            }
        }
    }

    @OptionGroup
    var destination: DestinationOptions

    enum Order: String, CaseIterable, ExpressibleByArgument {
        case oldest, newest, sample
    }

    @Option(help: "oldest or newest first; or sample: so many by chance as --limit says.")
    var order = Order.oldest

    @Option(help: "With --order sample: a number, with which the same messages are chosen again.")
    var seed: Int?

    @Option(help: "How many messages are moved at the most.")
    var limit: Int?

    @Option(help: "Messages in a second, at the most.")
    var rate: Int?

    @Option(help: "Bytes of bodies in a second, at the most: 10MiB, for example.")
    var byteRate: ByteSize?

    @Option(help: "Nothing is moved to a queue that has so many messages, until it has fewer.")
    var maxTargetDepth: Int?

    @Option(help: "Move so many messages first, and look whether they come back before the others follow.")
    var canary: Int?

    @Option(help: "With --canary: how long to wait before looking, in seconds.")
    var canaryWait = 60

    @Option(help: "With --canary: how many of them may come back, in percent. If more do, the task pauses.")
    var canaryReturns = 0

    @Option(help: "Leave what has been moved back so often already.")
    var maxRedriven = 10

    @Flag(exclusivity: .exclusive)
    var deaths = Deaths.keepDeaths

    @Option(help: ArgumentHelp("The time to live: keep, clear, or milliseconds.", valueName: "keep|clear|ms"))
    var ttl = "keep"

    @Option(help: ArgumentHelp("The priority: keep, clear, or 0 to 255.", valueName: "keep|clear|number"))
    var priority = "keep"

    func validate() throws {
        guard order != .sample || limit != nil else { throw ValidationError("--order sample needs --limit") }
        guard seed == nil || order == .sample else { throw ValidationError("--seed goes with --order sample") }
        for (name, value) in [("ttl", ttl), ("priority", priority)]
        where value != "keep" && value != "clear" && Int(value) == nil {
            throw ValidationError("--\(name): expected keep, clear or a number")
        }
    }

    /// What the API is asked with.
    var fields: [String: Any] {
        var fields = destination.fields
        fields["order"] = order.rawValue
        fields["redriven_max"] = maxRedriven
        fields["deaths"] = deaths == .keepDeaths ? "keep" : "reset"
        fields["ttl"] = Int(ttl) ?? ttl
        fields["priority"] = Int(priority) ?? priority
        fields["limit"] = limit
        fields["seed"] = seed
        fields["rate"] = rate
        fields["byte_rate"] = byteRate?.bytes
        fields["target_depth_max"] = maxTargetDepth
        if let canary {
            fields["canary"] = canary
            fields["canary_wait_ms"] = canaryWait * 1000
            fields["canary_returns_max"] = canaryReturns
        }
        return fields
    }
}
