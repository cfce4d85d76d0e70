/// What a comparison looks at.
enum FilterSubject: Sendable, Equatable {
    /// What the values that it is compared with have to be.
    enum Kind: Sendable {
        case text
        case number
        /// With a unit: `30s`, `5m`, `2h`, `7d`.
        case time
        /// With a unit or without: `512`, `10KiB`, `1MB`.
        case bytes
        case boolean
        /// Whatever it is.
        case any
    }

    enum Property: String, Sendable, CaseIterable {
        case contentType = "content_type"
        case contentEncoding = "content_encoding"
        case deliveryMode = "delivery_mode"
        case priority
        case correlationID = "correlation_id"
        case replyTo = "reply_to"
        case expiration
        case messageID = "message_id"
        case timestamp
        case type
        case userID = "user_id"
        case appID = "app_id"
        case clusterID = "cluster_id"
    }

    /// What is known of a death.
    enum DeathField: String, Sendable, CaseIterable {
        case reason, queue, exchange, key, count, age
    }

    case exchange
    case key
    /// Since it has joined the queue.
    case age
    case size
    case isRedelivered
    case deliveryCount
    /// All counts of `x-death`.
    case deaths
    /// Of the last death, the one that brought it here or for which it is undeliverable.
    case lastDeath(DeathField)
    /// Of the first.
    case firstDeath(DeathField)
    /// How often it has been moved back.
    case redrivenCount
    case property(Property)
    case header([UInt8])
    case body
    case json(JSONPath)

    var kind: Kind {
        switch self {
        case .exchange, .key, .body: .text
        case .age, .lastDeath(.age), .firstDeath(.age): .time
        case .size: .bytes
        case .isRedelivered: .boolean
        case .deliveryCount, .deaths, .redrivenCount, .lastDeath(.count), .firstDeath(.count): .number
        case .lastDeath, .firstDeath: .text
        case .property(.deliveryMode), .property(.priority), .property(.timestamp): .number
        case .property: .text
        case .header, .json: .any
        }
    }

    /// Whether its values are reasons of deaths.
    var isReason: Bool { self == .lastDeath(.reason) || self == .firstDeath(.reason) }

    /// What has a name of its own; the others are `header.NAME`, `death.…`, `first.…` and JSONPaths.
    static let named: [String: FilterSubject] = {
        var named: [String: FilterSubject] = [
            "exchange": .exchange, "key": .key, "routing_key": .key, "age": .age, "size": .size,
            "redelivered": .isRedelivered, "delivery_count": .deliveryCount, "deaths": .deaths,
            "redriven": .redrivenCount, "reason": .lastDeath(.reason), "source": .lastDeath(.queue), "body": .body,
        ]
        for property in Property.allCases { named[property.rawValue] = .property(property) }
        for field in DeathField.allCases {
            named["death.\(field.rawValue)"] = .lastDeath(field)
            named["first.\(field.rawValue)"] = .firstDeath(field)
        }
        return named
    }()
}
