import ArgumentParser
import LosslessJSON

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

    @OptionGroup
    var pace: PaceOptions

    @Option(help: "Nothing is moved to a queue that has so many messages, until it has fewer.")
    var maxTargetDepth: Int?

    @Option(help: "Move so many messages first, and look whether they come back before the others follow.")
    var canary: Int?

    @Option(help: "With --canary: how long to wait before looking, in seconds; 60 unless said.")
    var canaryWait: Int?

    @Option(
        help: "With --canary: how many of them may come back, in percent; 0 unless said. If more do, the task pauses.")
    var canaryReturns: Int?

    @Option(help: "Leave what has been moved back so often already: 10 times unless this is given.")
    var maxRedriven: Int?

    @Flag(exclusivity: .exclusive)
    var deaths: Deaths?

    @Option(
        help: ArgumentHelp(
            "The time to live: keep, unless this is given, clear, or milliseconds.", valueName: "keep|clear|ms"))
    var ttl: String?

    @Option(
        help: ArgumentHelp(
            "The priority: keep, unless this is given, clear, or 0 to 255.", valueName: "keep|clear|number"))
    var priority: String?

    func validate() throws {
        guard canary != nil || (canaryWait == nil && canaryReturns == nil) else {
            throw ValidationError("--canary-wait and --canary-returns go with --canary")
        }
        guard (0...86_400).contains(canaryWait ?? 0) else {
            throw ValidationError("--canary-wait is 0 to 86400 seconds")
        }
        for (name, value) in [("ttl", ttl), ("priority", priority)] {
            guard let value, value != "keep", value != "clear", Int(value) == nil else { continue }
            throw ValidationError("--\(name): expected keep, clear or a number")
        }
    }

    /// What the API is asked with.
    var fields: [String: JSONValue] {
        var fields = destination.fields.merging(pace.fields) { first, _ in first }
        fields["redriven_max"] = JSONValue(maxRedriven)
        fields["deaths"] = deaths.map { $0 == .keepDeaths ? "keep" : "reset" }
        fields["ttl"] = ttl.map(Self.change)
        fields["priority"] = priority.map(Self.change)
        fields["target_depth_max"] = JSONValue(maxTargetDepth)
        fields["canary"] = JSONValue(canary)
        fields["canary_wait_ms"] = JSONValue(canaryWait.map { $0 * 1000 })
        fields["canary_returns_max"] = JSONValue(canaryReturns)
        return fields
    }

    private static func change(_ text: String) -> JSONValue { Int(text).map { JSONValue($0) } ?? .string(text) }
}
