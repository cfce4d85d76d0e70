import AMQPProtocol

/// What is said of delayed retry by arguments or by a policy, each nil where nothing is: from both together comes a
/// `DelayedRetry`.
struct DelayedRetrySettings: Equatable {
    /// The longest delay, in milliseconds.
    private static let delayMax = QueueSettings.timeToLiveMillisecondsMax

    enum Key: String, CaseIterable {
        case type = "delayed-retry-type"
        case min = "delayed-retry-min"
        case max = "delayed-retry-max"
        case multiplier = "delayed-retry-multiplier"
        case list = "delayed-retry-list"
        case jitter = "delayed-retry-jitter"

        var argument: String { "x-\(rawValue)" }
    }

    enum Kind: Equatable {
        case disabled
        case delayed(DelayedRetry.Kind)

        init?(_ text: String) {
            if text == "disabled" {
                self = .disabled
            } else if let kind = DelayedRetry.Kind(rawValue: text) {
                self = .delayed(kind)
            } else {
                return nil
            }
        }
    }

    var kind: Kind?
    var minMilliseconds: UInt64?
    var maxMilliseconds: UInt64?
    var multiplier: UInt64?
    var listMilliseconds: [UInt64]?
    var jitterPercent: UInt64?

    /// - Returns: why the value can't be, nil if it is taken.
    mutating func set(_ key: Key, to value: FieldValue) -> String? {
        switch key {
        case .type:
            guard let text = value.stringValue, let kind = Kind(text) else {
                return "expected disabled, all, failed or returned"
            }
            self.kind = kind
        case .min: return Self.read(value, 1...Self.delayMax, into: &minMilliseconds)
        case .max: return Self.read(value, 1...Self.delayMax, into: &maxMilliseconds)
        case .multiplier: return Self.read(value, 1...1000, into: &multiplier)
        case .jitter: return Self.read(value, 0...100, into: &jitterPercent)
        case .list:
            let numbers = value.arrayValue?.map(\.integerValue) ?? []
            guard !numbers.isEmpty, numbers.count <= DelayedRetry.listCountMax,
                numbers.allSatisfy({ $0.map { (1...Self.delayMax).contains($0) } ?? false })
            else {
                return "expected an array of 1 to \(DelayedRetry.listCountMax) integers from 1 to \(Self.delayMax)"
            }
            listMilliseconds = numbers.compactMap { $0.map(UInt64.init) }
        }
        return nil
    }

    private static func read(_ value: FieldValue, _ range: ClosedRange<Int64>, into number: inout UInt64?) -> String? {
        guard let found = value.integerValue, range.contains(found) else {
            return "expected an integer from \(range.lowerBound) to \(range.upperBound)"
        }
        number = UInt64(found)
        return nil
    }

    /// Arguments win over a policy, one by one.
    func merged(with policy: DelayedRetrySettings) -> DelayedRetrySettings {
        DelayedRetrySettings(
            kind: kind ?? policy.kind,
            minMilliseconds: minMilliseconds ?? policy.minMilliseconds,
            maxMilliseconds: maxMilliseconds ?? policy.maxMilliseconds,
            multiplier: multiplier ?? policy.multiplier,
            listMilliseconds: listMilliseconds ?? policy.listMilliseconds,
            jitterPercent: jitterPercent ?? policy.jitterPercent)
    }

    /// Something is said, but not how long the delays are.
    var isIncomplete: Bool { kind != .disabled && retry == nil && self != DelayedRetrySettings() }

    /// Nil if messages are ready again at once. A delay without a type is for all returns, a type without a delay (RabbitMQ
    /// asks for both) has none.
    var retry: DelayedRetry? {
        let list = listMilliseconds ?? []
        guard kind != .disabled, let first = minMilliseconds ?? list.first else { return nil }
        var retry = DelayedRetry(minMilliseconds: first)
        if case .delayed(let kind)? = kind { retry.kind = kind }
        retry.maxMilliseconds = maxMilliseconds
        retry.multiplier = multiplier
        retry.listMilliseconds = list
        retry.jitterPercent = jitterPercent ?? 0
        return retry
    }
}
