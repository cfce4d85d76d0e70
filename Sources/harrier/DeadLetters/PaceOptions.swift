import ArgumentParser
import LosslessJSON

/// How many messages, in what order, and how fast.
struct PaceOptions: ParsableArguments {
    enum Order: String, CaseIterable, ExpressibleByArgument {
        case oldest, newest, sample
    }

    @Option(
        help: "oldest first, unless this is given, or newest; or sample: so many by chance as --limit says.")
    var order: Order?

    @Option(help: "With --order sample: a number, with which the same messages are chosen again.")
    var seed: Int?

    @Option(help: "How many messages at the most. Those that only lack room in their queue are among them.")
    var limit: Int?

    @Option(help: "Messages in a second, at the most.")
    var rate: Int?

    @Option(help: "Bytes of bodies in a second, at the most: 10MiB, for example.")
    var byteRate: ByteSize?

    func validate() throws {
        guard order != .sample || limit != nil else { throw ValidationError("--order sample needs --limit") }
        guard seed == nil || order == .sample else { throw ValidationError("--seed goes with --order sample") }
        for (name, value) in [("limit", limit), ("rate", rate), ("byte-rate", byteRate?.bytes)] where value ?? 1 < 1 {
            throw ValidationError("--\(name) is at least 1")
        }
    }

    /// What the API is asked with.
    var fields: [String: JSONValue] {
        [
            "order": JSONValue(order?.rawValue), "limit": JSONValue(limit), "seed": JSONValue(seed),
            "rate": JSONValue(rate),
            "byte_rate": JSONValue(byteRate?.bytes),
        ]
    }
}
