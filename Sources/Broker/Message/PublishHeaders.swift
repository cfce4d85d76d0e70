import AMQPProtocol

/// The headers of a publish that mean something to the broker, found in one walk over all of them.
struct PublishHeaders {
    private(set) var copies: FieldValueView?
    private(set) var blindCopies: FieldValueView?
    private(set) var delay: FieldValueView?
    private(set) var deliverAt: FieldValueView?

    init(_ headers: FieldTableView) {
        for entry in headers {
            switch entry.name.count {
            case 2 where copies == nil && entry.name.elementsEqual("CC".utf8): copies = entry.value
            case 3 where blindCopies == nil && entry.name.elementsEqual("BCC".utf8): blindCopies = entry.value
            case 7 where delay == nil && entry.name.elementsEqual("x-delay".utf8): delay = entry.value
            case 12 where deliverAt == nil && entry.name.elementsEqual("x-deliver-at".utf8): deliverAt = entry.value
            default: break
            }
        }
    }

    /// How long the message is to wait before it is routed: by `x-delay` in milliseconds, or until `x-deliver-at`, a timestamp
    /// (seconds) or an integer (milliseconds since 1970), whichever is later. Nil if that is over, as after a delay is one
    /// below zero: it has waited already.
    ///
    /// - Throws: 406 for another type, and for more than ten years.
    func delayMilliseconds(now: UInt64) throws(AMQPException) -> UInt64? {
        guard delay != nil || deliverAt != nil else { return nil }
        var wait: Int64 = 0
        if let delay {
            guard let milliseconds = Self.number(delay) else {
                throw Self.invalid("x-delay", "expected the number of milliseconds, as an integer or in digits")
            }
            wait = milliseconds
        }
        if let deliverAt {
            var time: Int64?
            switch deliverAt.decoded() {
            case .timestamp(let seconds): time = Int64(exactly: seconds).flatMap { Self.milliseconds($0) }
            default: time = Self.number(deliverAt)
            }
            guard let time else {
                throw Self.invalid(
                    "x-deliver-at", "expected a timestamp, or an integer, the number of milliseconds since 1970")
            }
            wait = max(wait, time > now ? time - Int64(now) : 0)
        }
        guard wait > 0 else { return nil }
        guard wait <= QueueSettings.timeToLiveMillisecondsMax else {
            let name = deliverAt == nil ? "x-delay" : "x-deliver-at"
            throw Self.invalid(name, "more than \(QueueSettings.timeToLiveMillisecondsMax) milliseconds from now")
        }
        return UInt64(wait)
    }

    /// Headers from shells and from some clients are strings whatever they mean, so RabbitMQ's plugin takes those, too.
    private static func number(_ value: FieldValueView) -> Int64? {
        let value = value.decoded()
        return value.integerValue ?? value.stringValue.flatMap { Int64($0) }
    }

    private static func milliseconds(_ seconds: Int64) -> Int64? {
        let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? nil : milliseconds
    }

    private static func invalid(_ header: String, _ reason: String) -> AMQPException {
        .channel(.preconditionFailed, "invalid header '\(header)': \(reason)")
    }
}
