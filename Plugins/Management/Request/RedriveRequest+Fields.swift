import Broker
import LosslessJSON

extension RedriveRequest {
    /// Which messages, and in what order and how fast.
    static let selectionNames: Set<String> = [
        "apply", "filter", "state", "order", "seed", "limit", "rate", "byte_rate",
    ]

    static let fieldNames = selectionNames.union(destinationNames).union([
        "target_depth_max", "canary", "canary_wait_ms",
        "canary_returns_max", "redriven_max", "deaths", "ttl", "priority",
    ])

    private enum Target: String, CaseIterable {
        case original
        case originalQueue = "original-queue"
        case exchange
        case queue
    }

    /// - Throws: 400 for what can't be.
    init(_ fields: RequestFields) throws { try self.init(fields, to: try Self.destination(fields)) }

    init(_ fields: RequestFields, to destination: RedriveDestination) throws {
        let filter = try fields.text("filter")
        guard filter?.allSatisfy(\.isWhitespace) != true else {
            throw APIError.badRequest("filter: is empty; without any, all messages are meant")
        }
        let states = try fields.text("state").map { try MessageStates(names: $0) }
        self.init(
            filter: try MessageFilter(filter ?? ""), states: states ?? .ready,
            destination: destination, options: try RedriveOptions(fields))
    }

    static let destinationNames: Set<String> = ["to", "exchange", "routing_key", "queue", "death"]

    static func destination(_ fields: RequestFields) throws -> RedriveDestination {
        let death = try fields.choice("death", as: RedriveDestination.Death.self) ?? .newest
        let target = try fields.choice("to", as: Target.self) ?? .original
        func required(_ name: String) throws -> String {
            guard let text = try fields.text(name), name != "queue" || !text.isEmpty else {
                throw APIError.badRequest("\(name): expected a name, since messages are to go to \(target.rawValue)")
            }
            return text
        }
        func refuse(_ names: [String]) throws {
            if let name = names.first(where: { fields.has($0) }) {
                throw APIError.badRequest("\(name): means nothing, since messages are to go to \(target.rawValue)")
            }
        }
        switch target {
        case .original:
            try refuse(["exchange", "routing_key", "queue"])
            return .original(death)
        case .originalQueue:
            try refuse(["exchange", "routing_key", "queue"])
            return .originalQueue(death)
        case .exchange:
            try refuse(["queue", "death"])
            let key = try fields.text("routing_key")
            guard (key?.utf8.count ?? 0) <= 255 else { throw APIError.badRequest("routing_key: at most 255 bytes") }
            return .exchange(try required("exchange"), routingKey: key)
        case .queue:
            try refuse(["exchange", "routing_key", "death"])
            return .queue(try required("queue"))
        }
    }
}

extension RedriveOptions {
    /// - Throws: 400 for what can't be.
    init(_ fields: RequestFields) throws {
        self.init()
        order = try fields.choice("order", as: Order.self) ?? .oldest
        seed = try fields.integer("seed", in: 0...Int.max).map { UInt64($0) }
        limit = try fields.integer("limit", in: 1...Int.max)
        messagesPerSecond = try fields.integer("rate", in: 1...100_000_000)
        bytesPerSecond = try fields.integer("byte_rate", in: 1...1 << 40)
        targetDepthMax = try fields.integer("target_depth_max", in: 1...Int.max)
        redrivenMax = try fields.integer("redriven_max", in: 1...1_000_000) ?? Self.redrivenDefault
        deaths = try fields.choice("deaths", as: Deaths.self) ?? .keep
        expiration = try Self.change("ttl", fields, in: 0...315_360_000_000) { UInt64($0) }
        priority = try Self.change("priority", fields, in: 0...255) { UInt8($0) }
        if let messages = try fields.integer("canary", in: 1...1_000_000) {
            let wait = try fields.integer("canary_wait_ms", in: 0...Int(Self.canaryWaitMillisecondsMax))
            canary = Canary(
                messages: messages, waitMilliseconds: UInt64(wait ?? 60_000),
                returnsPercentMax: try fields.integer("canary_returns_max", in: 0...100) ?? 0)
        }
    }

    /// `"keep"`, `"clear"`, or a number.
    private static func change<Value>(
        _ name: String, _ fields: RequestFields, in range: ClosedRange<Int>, _ make: (Int) -> Value
    ) throws -> Change<Value> {
        switch try? fields.text(name) {
        case "keep": return .keep
        case "clear": return .clear
        case nil: return try fields.integer(name, in: range).map { .set(make($0)) } ?? .keep
        default:
            throw APIError.badRequest(
                "\(name): expected \"keep\", \"clear\" or a number from \(range.lowerBound) to \(range.upperBound)")
        }
    }
}
