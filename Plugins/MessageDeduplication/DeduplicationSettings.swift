import AMQPProtocol
import Broker

/// What an exchange's or queue's arguments say of duplicates.
struct DeduplicationSettings: Equatable {
    enum Scope: Equatable {
        /// A message is a duplicate of the last `sizeMax` ones that were taken, each for `timeToLiveMilliseconds` unless
        /// it says otherwise itself; `nil` for as long as it is among them.
        case window(timeToLiveMilliseconds: UInt64?)
        /// A message is a duplicate of those that are in the queue.
        case queueContent
    }

    static let arguments = [
        "x-message-deduplication", "x-cache-size", "x-cache-ttl", "x-cache-persistence", "x-deduplication-header",
    ]
    /// Entries of a window that names no size.
    static let sizeDefault = 128
    /// Most entries that there can be: some 200 MB of memory.
    static let sizeMaxMax = 1_000_000
    /// Ten years.
    static let timeToLiveMillisecondsMax: Int64 = 315_360_000_000

    /// The header that tells duplicates.
    var headerName = Array("x-deduplication-header".utf8)
    var scope: Scope
    var sizeMax: Int
    /// Whether what was seen outlives the process, as its exchange or queue does.
    var isPersistent = true

    /// - Returns: `nil` if duplicates are let pass.
    /// - Throws: 406 for a value that an argument can't have.
    init?(_ owner: FilterOwner) throws(AMQPException) {
        let arguments = owner.arguments
        let type = MessageDeduplicationPlugin.exchangeType
        let isOfType =
            owner.exchangeType?.hasSameBytes(as: type) ?? false
            || (owner.exchangeType != nil && arguments["x-delayed-type"]?.stringValue == type)
        if let value = arguments["x-message-deduplication"] {
            guard let isWanted = value.booleanValue else {
                throw Self.invalid("x-message-deduplication", owner, "expected a boolean", value)
            }
            guard isWanted || isOfType else { return nil }
        } else if !isOfType {
            return nil
        }
        let size = try Self.number("x-cache-size", owner, 1...Int64(Self.sizeMaxMax)).map { Int($0) }
        let timeToLive = try Self.number("x-cache-ttl", owner, 1...Self.timeToLiveMillisecondsMax)
        if isOfType, size == nil {
            throw Self.missing("x-cache-size", owner)
        }
        if let value = arguments["x-deduplication-header"] {
            guard let name = value.stringValue, !name.isEmpty else {
                throw Self.invalid("x-deduplication-header", owner, "expected the name of a header", value)
            }
            headerName = Array(name.utf8)
        }
        if let value = arguments["x-cache-persistence"] {
            switch value.stringValue {
            case "disk": break
            case "memory": isPersistent = false
            default: throw Self.invalid("x-cache-persistence", owner, "expected disk or memory", value)
            }
        }
        if owner.exchangeType == nil, size == nil, timeToLive == nil {
            scope = .queueContent
            sizeMax = Self.sizeMaxMax
        } else {
            scope = .window(timeToLiveMilliseconds: timeToLive.map { UInt64($0) })
            sizeMax = size ?? Self.sizeDefault
        }
    }

    /// A whole number, or the text of one.
    private static func number(
        _ name: String, _ owner: FilterOwner, _ range: ClosedRange<Int64>
    ) throws(AMQPException) -> Int64? {
        guard let value = owner.arguments[name] else { return nil }
        guard let number = value.integerValue ?? value.stringValue.flatMap({ Int64($0) }), range.contains(number) else {
            throw invalid(
                name, owner, "expected a whole number from \(range.lowerBound) to \(range.upperBound)", value)
        }
        return number
    }

    private static func invalid(
        _ name: String, _ owner: FilterOwner, _ expectation: String, _ value: FieldValue
    ) -> AMQPException {
        let found =
            value.integerValue.map { "\($0)" } ?? value.stringValue.map { "'\($0)'" }
            ?? "a value of type '\(value.typeName)'"
        return .channel(
            .preconditionFailed, "invalid arg '\(name)' for \(owner.resource.text): \(expectation), found \(found)")
    }

    private static func missing(_ name: String, _ owner: FilterOwner) -> AMQPException {
        .channel(
            .preconditionFailed,
            "missing arg '\(name)' for \(owner.resource.text): expected a whole number from 1 to \(sizeMaxMax)")
    }
}
