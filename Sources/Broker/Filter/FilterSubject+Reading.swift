import AMQPProtocol

extension FilterSubject {
    /// Calls `body` with each value that the message has there, until one says yes: most have one or none, a JSONPath with a
    /// star as many as there are.
    func ask(_ message: inout FilteredMessage, _ body: (FilterValue) -> FilterVerdict) -> FilterVerdict {
        switch self {
        case .body: return body(.text(message.view.body))
        case .json(let path):
            let bytes = message.view.body
            guard bytes.count <= FilterLimits.jsonBytesMax else { return .undecided }
            return path.ask(bytes, body)
        default: return value(of: &message).map(body) ?? .no
        }
    }

    private func value(of message: inout FilteredMessage) -> FilterValue? {
        switch self {
        case .exchange: .text(message.view.exchange)
        case .key: .text(message.view.routingKey)
        case .age: message.milliseconds(since: message.view.publishedAtMilliseconds)
        case .size: .integer(Int64(message.view.bodyCount))
        case .isRedelivered: .boolean(message.walked.entry.redelivered)
        case .deliveryCount:
            .integer(Int64(message.walked.queue.returnCounts[message.walked.entry.sequence]?.failed ?? 0))
        case .deaths: .integer(message.deaths.count)
        case .redrivenCount: .integer(message.headers?.find("x-redriven-count")?.integer ?? 0)
        case .lastDeath(let field): Self.lastDeath(field, &message)
        case .firstDeath(let field): Self.firstDeath(field, &message)
        case .property(let property): Self.property(property, &message)
        case .header(let name):
            name.withUnsafeBytes { message.headers?.find($0) }.map { FilterValue($0) }
        case .body, .json: nil
        }
    }

    private static func lastDeath(_ field: DeathField, _ message: inout FilteredMessage) -> FilterValue? {
        // The death of an undeliverable message stands in no header yet.
        if let death = message.walked.undeliverableDeath {
            switch field {
            case .reason: return .text(death.reason.bytes)
            case .exchange: return .text(message.view.exchange)
            case .key: return .text(message.view.routingKey)
            case .queue: return .text(message.queueName)
            case .count: return .integer(1)
            case .age: return death.atSeconds > 0 ? message.milliseconds(since: death.atSeconds * 1000) : nil
            }
        }
        guard let death = message.deaths.last else { return nil }
        // Its table tells the first time of this queue and reason; it was stored here when it died last.
        if field == .age { return message.milliseconds(since: message.view.publishedAtMilliseconds) }
        return death.value(field)
    }

    private static func firstDeath(_ field: DeathField, _ message: inout FilteredMessage) -> FilterValue? {
        if field == .age {
            guard let seconds = message.deaths.firstTimeSeconds, seconds <= UInt64.max / 1000 else { return nil }
            return message.milliseconds(since: seconds * 1000)
        }
        return message.deaths.first?.value(field)
    }

    private static func property(_ property: Property, _ message: inout FilteredMessage) -> FilterValue? {
        guard let properties = message.properties else { return nil }
        func text(_ bytes: UnsafeRawBufferPointer?) -> FilterValue? { bytes.map { .text($0) } }
        return switch property {
        case .contentType: text(properties.contentType)
        case .contentEncoding: text(properties.contentEncoding)
        case .deliveryMode: properties.deliveryMode.map { .integer(Int64($0)) }
        case .priority: .integer(Int64(properties.priority ?? 0))
        case .correlationID: text(properties.correlationID)
        case .replyTo: text(properties.replyTo)
        case .expiration: text(properties.expiration)
        case .messageID: text(properties.messageID)
        case .timestamp: properties.timestamp.map { .integer(Int64(clamping: $0)) }
        case .type: text(properties.type)
        case .userID: text(properties.userID)
        case .appID: text(properties.appID)
        case .clusterID: text(properties.clusterID)
        }
    }
}

extension FilterValue {
    init(_ value: FieldValueView) {
        if let text = value.longString {
            self = .text(text)
        } else if let integer = value.integer {
            self = .integer(integer)
        } else if let number = value.floatingPoint {
            self = .number(number)
        } else {
            switch value.decoded(ifSmall: 16) {
            case .boolean(let boolean): self = .boolean(boolean)
            case .timestamp(let seconds): self = .integer(Int64(clamping: seconds))
            case .void: self = .null
            default: self = .other
            }
        }
    }
}

extension FieldValueView {
    /// Nil for what would be costly to copy.
    fileprivate func decoded(ifSmall byteCountMax: Int) -> FieldValue? {
        bytes.count <= byteCountMax && table == nil && elements == nil ? decoded() : nil
    }
}
