/// The lists that a definition file consists of, by their keys in the file, and the keys of their entries.
/// `Definitions/definitions.schema.json` says the same to editors; a test holds the two together.
enum Section: String, CaseIterable {
    case users
    case vhosts
    case permissions
    case topicPermissions = "topic_permissions"
    case parameters
    case globalParameters = "global_parameters"
    case policies
    case exchanges
    case queues
    case bindings

    /// Keys beside the sections that brokers write into their exports. They are allowed and mean nothing here, save
    /// that a file with one of `brokerStamps` was written by a broker.
    static let informationalKeys = brokerStamps + ["original_cluster_name", "original_vhost_name", "explanation"]

    static let brokerStamps = [
        "rabbit_version", "rabbitmq_version", "product_name", "product_version", "rabbitmq_definition_format",
        "lavinmq_version",
    ]

    /// What an entry may consist of.
    var keys: [String] {
        switch self {
        case .users: ["name", "password", "password_hash", "hashing_algorithm", "tags", "limits", "permissions"]
        case .vhosts: ["name", "description", "tags", "default_queue_type", "metadata"]
        case .permissions: ["user", "vhost", "configure", "write", "read"]
        case .topicPermissions: ["user", "vhost", "exchange", "write", "read"]
        case .parameters: ["vhost", "component", "name", "value"]
        case .globalParameters: ["name", "value"]
        case .policies: ["vhost", "name", "pattern", "apply-to", "priority", "definition"]
        case .exchanges: ["vhost", "name", "type", "durable", "auto_delete", "internal", "arguments"]
        case .queues: ["vhost", "name", "type", "durable", "auto_delete", "arguments"]
        case .bindings: ["source", "vhost", "destination", "destination_type", "routing_key", "arguments"]
        }
    }

    /// Keys that exports have and imports do not look at. RabbitMQ takes a virtual host's limits from `parameters`.
    var ignoredKeys: [String] {
        switch self {
        case .vhosts: ["limits", "tracing", "dir"]
        case .bindings: ["properties_key"]
        case .globalParameters: ["component"]
        default: []
        }
    }

    /// What the values of an entry may not be quoted in errors for: passwords, and URIs with passwords in them.
    var holdsSecrets: Bool {
        switch self {
        case .users, .parameters, .globalParameters: true
        default: false
        }
    }
}
