import AMQPProtocol

/// A message on its way through a dead-letter exchange: its properties with the death recorded as RabbitMQ records it,
/// and the keys that it is routed by.
struct DeadLetter {
    /// How often it has been dead-lettered before.
    let earlierHops: Int64
    /// The keys of the message's `CC` and `BCC`, unless the queue's dead-letter key takes the place of them all.
    let furtherRoutingKeys: [[UInt8]]
    private let routingKey: [UInt8]
    private let blindKeys: [[UInt8]]
    private let properties: BasicProperties
    private let message: MessageView

    /// - Parameter trustsClients: whether deaths count that a client has written into its message's headers.
    /// - Returns: `nil` if the stored properties can't be read, which a checksum would have found.
    init?(
        _ message: MessageView, _ when: Death, queue: String, routingKey: String?, trustsClients: Bool = false
    ) {
        let reason = when.reason
        guard var properties = try? BasicProperties(decoding: message.properties) else { return nil }
        let originalKey = Array(message.routingKey)
        var headers = properties.headers ?? FieldTable()
        let copies = (headers["CC"]?.arrayValue ?? []).compactMap { value -> [UInt8]? in
            guard case .longString(let key) = value else { return nil }
            return key
        }
        let exchange = FieldValue.longString(Array(message.exchange))
        if !message.hasOwnDeaths, !trustsClients { Self.forgetDeaths(&headers) }
        earlierHops = Self.hops(headers)
        var death = Self.takeDeath(&headers, queue: queue, reason: reason)
        if death.isEmpty {
            if let expiration = properties.expiration {
                death["original-expiration"] = .string(expiration)
            }
            death["count"] = .int64(1)
            death["reason"] = .string(reason.rawValue)
            death["queue"] = .string(queue)
            death["time"] = .timestamp(when.atSeconds)
            death["exchange"] = exchange
            death["routing-keys"] = .array(([originalKey] + copies).map { .longString($0) })
        } else {
            // A client's may be any number, if it is trusted.
            let (count, overflow) = (death["count"]?.integerValue ?? 0).addingReportingOverflow(1)
            death["count"] = .int64(overflow ? .max : count)
        }
        headers["x-death"] = .array([.table(death)] + (headers["x-death"]?.arrayValue ?? []))
        if headers["x-first-death-reason"] == nil {
            headers["x-first-death-reason"] = .string(reason.rawValue)
            headers["x-first-death-queue"] = .string(queue)
            headers["x-first-death-exchange"] = exchange
        }
        headers["x-last-death-reason"] = .string(reason.rawValue)
        headers["x-last-death-queue"] = .string(queue)
        headers["x-last-death-exchange"] = exchange
        properties.headers = headers
        properties.expiration = nil

        self.properties = properties
        self.message = message
        self.routingKey = routingKey.map { Array($0.utf8) } ?? originalKey
        self.blindKeys = routingKey == nil ? RoutingKeyList.decode(message.blindKeyBytes) : []
        self.furtherRoutingKeys = routingKey == nil ? copies + blindKeys : []
    }

    /// What a client says of deaths does not count, as in RabbitMQ since 4.0: it is the broker's word.
    private static func forgetDeaths(_ headers: inout FieldTable) {
        headers["x-death"] = nil
        for part in ["reason", "queue", "exchange"] { headers["x-first-death-\(part)"] = nil }
    }

    /// All counts of `x-death`. A client's may be any numbers.
    private static func hops(_ headers: FieldTable) -> Int64 {
        (headers["x-death"]?.arrayValue ?? []).reduce(0) { sum, death in
            let (next, overflow) = sum.addingReportingOverflow(max(0, death.tableValue?["count"]?.integerValue ?? 0))
            return overflow ? .max : next
        }
    }

    /// Takes the entry of that queue and reason out of `x-death`, if there is one: it moves to the front.
    private static func takeDeath(_ headers: inout FieldTable, queue: String, reason: DeadLetterReason) -> FieldTable {
        guard var deaths = headers["x-death"]?.arrayValue else { return FieldTable() }
        let index = deaths.firstIndex { death in
            death.tableValue?["queue"]?.stringValue?.hasSameBytes(as: queue) == true
                && death.tableValue?["reason"]?.stringValue == reason.rawValue
        }
        guard let index, case .table(let death) = deaths.remove(at: index) else { return FieldTable() }
        headers["x-death"] = .array(deaths)
        return death
    }

    /// RabbitMQ's rule: back at a queue where it died before, and nobody rejected it on the way round.
    func isCycle(to queue: String) -> Bool {
        for death in properties.headers?["x-death"]?.arrayValue ?? [] {
            guard let death = death.tableValue else { continue }
            if death["reason"]?.stringValue == DeadLetterReason.rejected.rawValue { return false }
            if death["queue"]?.stringValue?.hasSameBytes(as: queue) == true { return true }
        }
        return false
    }

    /// The message's properties, with the death in them, as they stand on the wire.
    var propertyBytes: [UInt8] {
        var buffer = WireBuffer()
        properties.encode(into: &buffer)
        return Array(buffer.bytes)
    }

    /// Calls `body` with the message as it is published to the dead-letter exchange of that name.
    func withPublication<Result>(to exchange: String, _ body: (Publication) -> Result) -> Result {
        var buffer = WireBuffer()
        properties.encode(into: &buffer)
        guard let view = try? PropertiesView(validating: buffer.bytes) else {
            preconditionFailure("properties of our own encoding can't be read")
        }
        let blindKeyBytes = RoutingKeyList.encode(blindKeys)
        return withBytes(Array(exchange.utf8), routingKey, blindKeyBytes) { exchange, key, blindKeyBytes in
            var publication = Publication(
                exchange: exchange, routingKey: key, properties: view, propertyBytes: buffer.bytes,
                body: message.body, expirationMilliseconds: nil)
            publication.hasOwnDeaths = true
            publication.blindKeyBytes = blindKeyBytes
            return body(publication)
        }
    }

    private func withBytes<Result>(
        _ first: [UInt8], _ second: [UInt8], _ third: [UInt8],
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Result
    ) -> Result {
        first.withUnsafeBytes { first in
            second.withUnsafeBytes { second in third.withUnsafeBytes { third in body(first, second, third) } }
        }
    }
}
