import AMQPProtocol

/// One change of topology, as it stands in the log: an encoded field table with `op` (put or delete), the key's fields,
/// and for a put the object's own under `value`. Self-describing, so that later versions can add fields.
struct TopologyRecord {
    let key: TopologyKey
    /// `nil` for a deletion.
    let value: FieldTable?

    func encode(into buffer: inout WireBuffer) {
        var table = key.table
        if let value { table["value"] = .table(value) }
        table.encode(into: &buffer)
    }

    init(key: TopologyKey, value: FieldTable?) {
        self.key = key
        self.value = value
    }

    /// - Returns: `nil` if the payload is not a topology record of this version.
    init?(decoding payload: UnsafeRawBufferPointer) {
        var reader = WireReader(payload)
        guard let table = try? FieldTable(from: &reader), let key = TopologyKey(table: table) else { return nil }
        self.key = key
        self.value = table["value"]?.tableValue
    }
}

extension TopologyKey {
    fileprivate var table: FieldTable {
        switch self {
        case .virtualHost(let name):
            ["kind": .string("vhost"), "name": .string(name)]
        case .user(let name):
            ["kind": .string("user"), "name": .string(name)]
        case .permission(let user, let virtualHost):
            ["kind": .string("permission"), "user": .string(user), "vhost": .string(virtualHost)]
        case .topicPermission(let user, let virtualHost, let exchange):
            [
                "kind": .string("topic-permission"), "user": .string(user), "vhost": .string(virtualHost),
                "exchange": .string(exchange),
            ]
        case .parameter(let virtualHost, let component, let name):
            [
                "kind": .string("parameter"), "vhost": .string(virtualHost), "component": .string(component),
                "name": .string(name),
            ]
        case .exchange(let virtualHost, let name):
            ["kind": .string("exchange"), "vhost": .string(virtualHost), "name": .string(name)]
        case .queue(let virtualHost, let name):
            ["kind": .string("queue"), "vhost": .string(virtualHost), "name": .string(name)]
        case .binding(let virtualHost, let source, let identity):
            [
                "kind": .string("binding"), "vhost": .string(virtualHost), "source": .string(source),
                "target-kind": .string(identity.targetKind.rawValue), "target": .string(identity.target.text),
                "routing-key": .string(identity.routingKey.text), "arguments": .table(identity.arguments),
            ]
        case .extensionState(let owner, let number):
            [
                "kind": .string("state"), "owner": .int64(Int64(bitPattern: owner.id)),
                "plugin": .string(owner.plugin.text), "number": .int64(Int64(bitPattern: number)),
            ]
        case .redrive(let id): ["kind": .string("redrive"), "number": .int64(Int64(bitPattern: id))]
        case .edit(let id): ["kind": .string("edit"), "number": .int64(Int64(bitPattern: id))]
        }
    }

    fileprivate init?(table: FieldTable) {
        func text(_ name: String) -> String? { table[name]?.stringValue }
        let virtualHost = text("vhost")
        let name = text("name")
        switch (text("kind"), virtualHost, name) {
        case ("vhost", _, let name?): self = .virtualHost(name)
        case ("user", _, let name?): self = .user(name)
        case ("exchange", let virtualHost?, let name?): self = .exchange(virtualHost: virtualHost, name: name)
        case ("queue", let virtualHost?, let name?): self = .queue(virtualHost: virtualHost, name: name)
        case ("parameter", let virtualHost?, let name?):
            guard let component = text("component") else { return nil }
            self = .parameter(virtualHost: virtualHost, component: component, name: name)
        case ("permission", let virtualHost?, _):
            guard let user = text("user") else { return nil }
            self = .permission(user: user, virtualHost: virtualHost)
        case ("topic-permission", let virtualHost?, _):
            guard let user = text("user"), let exchange = text("exchange") else { return nil }
            self = .topicPermission(user: user, virtualHost: virtualHost, exchange: exchange)
        case ("binding", let virtualHost?, _):
            guard let source = text("source"), let target = text("target"), let key = text("routing-key"),
                let kind = text("target-kind").flatMap(ResourceName.Kind.init),
                let arguments = table["arguments"]?.tableValue
            else { return nil }
            let identity = Binding.Identity(targetKind: kind, target: target, routingKey: key, arguments: arguments)
            self = .binding(virtualHost: virtualHost, source: source, identity)
        case ("state", _, _):
            guard let id = table["owner"]?.integerValue, let plugin = text("plugin"),
                let number = table["number"]?.integerValue
            else { return nil }
            let owner = StateOwner(id: UInt64(bitPattern: id), plugin: WireName(plugin))
            self = .extensionState(owner, number: UInt64(bitPattern: number))
        case ("redrive", _, _):
            guard let number = table["number"]?.integerValue else { return nil }
            self = .redrive(UInt64(bitPattern: number))
        case ("edit", _, _):
            guard let number = table["number"]?.integerValue else { return nil }
            self = .edit(UInt64(bitPattern: number))
        default: return nil
        }
    }
}
