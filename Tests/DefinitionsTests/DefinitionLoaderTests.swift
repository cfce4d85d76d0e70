import AMQPProtocol
import Testing

@testable import Definitions

@Suite("Definitions")
struct DefinitionLoaderTests {
    /// Every key once, in YAML.
    static let everything = """
        # Everything that a file can say.
        vhosts:
          - {name: shop, description: The shop, tags: [prod, eu], default_queue_type: quorum, metadata: {x: 1}}
        users:
          - name: carla
            password: secret
            tags: [administrator, monitoring]
            limits: {max-connections: 5, max-channels: -1}
            permissions:
              shop: {configure: ^c$, write: ^w$, read: ^r$}
          - {name: nora, password_hash: AAECAw==, hashing_algorithm: rabbit_password_hashing_sha512}
        permissions:
          - {user: nora, vhost: shop, configure: '', write: .*, read: '^a\\.'}
        topic_permissions:
          - {user: nora, vhost: shop, exchange: amq.topic, write: w, read: r}
        exchanges:
          - name: x
            vhost: shop
            type: topic
            durable: false
            auto_delete: true
            internal: true
            arguments: {alternate-exchange: unrouted}
        queues:
          - name: q
            vhost: shop
            type: quorum
            durable: false
            auto_delete: true
            arguments:
              x-message-ttl: 60000
              x-negative: -1
              x-big: 9007199254740993
              x-double: 1.5
              x-exponent: 1e3
              x-text: "1"
              x-boolean: true
              x-nothing: null
              x-list: [1, [], {a: b}]
        bindings:
          - {source: x, vhost: shop, destination: q, destination_type: queue, routing_key: a.#, arguments: {n: 1}}
          - {source: x, vhost: shop, destination: y, destination_type: exchange}
        policies:
          - name: p
            vhost: shop
            pattern: ^q
            apply-to: classic_queues
            priority: 5
            definition: {max-length: 10}
        parameters:
          - {component: vhost-limits, name: limits, vhost: shop, value: {max-queues: 9}}
          - component: operator_policy
            name: cap
            vhost: shop
            value: {pattern: .*, apply-to: queues, priority: 1, definition: {max-length: 20}}
        global_parameters:
          - {name: cluster_name, value: bird}
          - {name: nothing, value: null}
        """

    /// The same in JSON.
    static let everythingInJSON = #"""
        {
          "vhosts": [{"name": "shop", "description": "The shop", "tags": "prod, eu", "default_queue_type": "quorum",
                      "metadata": {"x": 1}}],
          "users": [
            {"name": "carla", "password": "secret", "tags": "administrator,monitoring",
             "limits": {"max-connections": 5, "max-channels": -1},
             "permissions": {"shop": {"configure": "^c$", "write": "^w$", "read": "^r$"}}},
            {"name": "nora", "password_hash": "AAECAw==", "hashing_algorithm": "rabbit_password_hashing_sha512"}
          ],
          "permissions": [{"user": "nora", "vhost": "shop", "configure": "", "write": ".*", "read": "^a\\."}],
          "topic_permissions": [{"user": "nora", "vhost": "shop", "exchange": "amq.topic", "write": "w", "read": "r"}],
          "exchanges": [{"name": "x", "vhost": "shop", "type": "topic", "durable": false, "auto_delete": true,
                         "internal": true, "arguments": {"alternate-exchange": "unrouted"}}],
          "queues": [{"name": "q", "vhost": "shop", "type": "quorum", "durable": false, "auto_delete": true,
                      "arguments": {"x-message-ttl": 60000, "x-negative": -1, "x-big": 9007199254740993,
                                    "x-double": 1.5, "x-exponent": 1e3, "x-text": "1", "x-boolean": true,
                                    "x-nothing": null, "x-list": [1, [], {"a": "b"}]}}],
          "bindings": [
            {"source": "x", "vhost": "shop", "destination": "q", "destination_type": "queue", "routing_key": "a.#",
             "arguments": {"n": 1}},
            {"source": "x", "vhost": "shop", "destination": "y", "destination_type": "exchange"}
          ],
          "policies": [{"name": "p", "vhost": "shop", "pattern": "^q", "apply-to": "classic_queues", "priority": 5,
                        "definition": {"max-length": 10}}],
          "parameters": [
            {"component": "vhost-limits", "name": "limits", "vhost": "shop", "value": {"max-queues": 9}},
            {"component": "operator_policy", "name": "cap", "vhost": "shop",
             "value": {"pattern": ".*", "apply-to": "queues", "priority": 1, "definition": {"max-length": 20}}}
          ],
          "global_parameters": [{"name": "cluster_name", "value": "bird"}, {"name": "nothing", "value": null}]
        }
        """#

    private func at(_ line: Int, _ column: Int) -> Definitions.SourceLocation {
        Definitions.SourceLocation(file: "t.yaml", line: line, column: column)
    }

    @Test("Queues, exchanges and bindings have all that the file says")
    func topology() throws {
        let set = try DefinitionLoader.parse(text: Self.everything, file: "t.yaml")
        #expect(
            set.queues == [
                QueueDefinition(
                    vhost: "shop",
                    name: "q",
                    type: "quorum",
                    durable: false,
                    autoDelete: true,
                    arguments: [
                        "x-message-ttl": .int64(60000),
                        "x-negative": .int64(-1),
                        "x-big": .int64(9_007_199_254_740_993),
                        "x-double": .double(1.5),
                        "x-exponent": .double(1000),
                        "x-text": .string("1"),
                        "x-boolean": .boolean(true),
                        "x-nothing": .void,
                        "x-list": .array([.int64(1), .array([]), .table(["a": .string("b")])]),
                    ],
                    location: at(25, 5)
                )
            ])
        #expect(
            set.exchanges == [
                ExchangeDefinition(
                    vhost: "shop",
                    name: "x",
                    type: "topic",
                    durable: false,
                    autoDelete: true,
                    internal: true,
                    arguments: ["alternate-exchange": .string("unrouted")],
                    location: at(17, 5)
                )
            ])
        #expect(
            set.bindings == [
                BindingDefinition(
                    source: "x",
                    vhost: "shop",
                    destination: "q",
                    destinationType: .queue,
                    routingKey: "a.#",
                    arguments: ["n": .int64(1)],
                    location: at(41, 5)
                ),
                BindingDefinition(
                    source: "x", vhost: "shop", destination: "y", destinationType: .exchange, location: at(42, 5)),
            ])
    }

    @Test("Users, virtual hosts and permissions have all that the file says")
    func administration() throws {
        let set = try DefinitionLoader.parse(text: Self.everything, file: "t.yaml")
        #expect(
            set.vhosts == [
                VirtualHostDefinition(
                    name: "shop",
                    description: "The shop",
                    tags: ["prod", "eu"],
                    defaultQueueType: "quorum",
                    metadata: ["x": .int64(1)],
                    location: at(3, 5)
                )
            ])
        #expect(
            set.users == [
                UserDefinition(
                    name: "carla",
                    password: "secret",
                    tags: ["administrator", "monitoring"],
                    limits: ["max-connections": 5, "max-channels": -1],
                    location: at(5, 5)
                ),
                UserDefinition(
                    name: "nora",
                    passwordHash: "AAECAw==",
                    hashingAlgorithm: "rabbit_password_hashing_sha512",
                    location: at(11, 5)
                ),
            ])
        #expect(
            set.permissions == [
                PermissionDefinition(
                    user: "carla", vhost: "shop", configure: "^c$", write: "^w$", read: "^r$", location: at(10, 13)),
                PermissionDefinition(
                    user: "nora", vhost: "shop", configure: "", write: ".*", read: "^a\\.", location: at(13, 5)),
            ])
        #expect(
            set.topicPermissions == [
                TopicPermissionDefinition(
                    user: "nora", vhost: "shop", exchange: "amq.topic", write: "w", read: "r", location: at(15, 5))
            ])
    }

    @Test("Policies and parameters have all that the file says")
    func settings() throws {
        let set = try DefinitionLoader.parse(text: Self.everything, file: "t.yaml")
        #expect(
            set.policies == [
                PolicyDefinition(
                    vhost: "shop",
                    name: "p",
                    pattern: "^q",
                    applyTo: .classicQueues,
                    priority: 5,
                    definition: ["max-length": .int64(10)],
                    location: at(44, 5)
                )
            ])
        #expect(
            set.operatorPolicies == [
                PolicyDefinition(
                    vhost: "shop",
                    name: "cap",
                    pattern: ".*",
                    applyTo: .queues,
                    priority: 1,
                    definition: ["max-length": .int64(20)],
                    location: at(52, 5)
                )
            ])
        #expect(
            set.parameters == [
                ParameterDefinition(
                    vhost: "shop",
                    component: "vhost-limits",
                    name: "limits",
                    value: .table(["max-queues": .int64(9)]),
                    location: at(51, 5)
                )
            ])
        #expect(
            set.globalParameters == [
                GlobalParameterDefinition(name: "cluster_name", value: .string("bird"), location: at(57, 5)),
                GlobalParameterDefinition(name: "nothing", value: .void, location: at(58, 5)),
            ])
    }

    @Test("The same in JSON and in YAML is the same")
    func formats() throws {
        let yaml = try DefinitionLoader.parse(text: Self.everything, file: "t.yaml")
        let json = try DefinitionLoader.parse(text: Self.everythingInJSON, file: "t.json")
        #expect(json.unlocated == yaml.unlocated)
        // JSON that needs no escapes is YAML as well.
        let jsonAsYAML = try DefinitionLoader.parse(text: Self.everythingInJSON, file: "t.yml")
        #expect(jsonAsYAML.unlocated == json.unlocated)
    }

    @Test("What a hand-written file leaves out has RabbitMQ's defaults, in the virtual host /")
    func defaults() throws {
        let yaml = """
            exchanges: [{name: x, type: direct}]
            queues: [{name: q}]
            bindings: [{source: x, destination: q}]
            policies: [{name: p, pattern: a, definition: {}}]
            permissions: [{user: u, configure: a, write: b, read: c}]
            users: [{name: u}]
            """
        let set = try DefinitionLoader.parse(text: yaml, file: "t.yaml")
        let nowhere = Definitions.SourceLocation.wholeFile("")
        var expected = DefinitionSet()
        expected.exchanges = [
            ExchangeDefinition(
                vhost: "/", name: "x", type: "direct", durable: true, autoDelete: false, internal: false,
                location: nowhere)
        ]
        expected.queues = [
            QueueDefinition(vhost: "/", name: "q", type: nil, durable: true, autoDelete: false, location: nowhere)
        ]
        expected.bindings = [
            BindingDefinition(
                source: "x", vhost: "/", destination: "q", destinationType: .queue, routingKey: "", location: nowhere)
        ]
        expected.policies = [
            PolicyDefinition(
                vhost: "/", name: "p", pattern: "a", applyTo: .all, priority: 0, definition: [:], location: nowhere)
        ]
        expected.permissions = [
            PermissionDefinition(user: "u", vhost: "/", configure: "a", write: "b", read: "c", location: nowhere)
        ]
        expected.users = [UserDefinition(name: "u", location: nowhere)]
        #expect(set.unlocated == expected)
    }

    @Test("A file may define nothing, and begin with a byte order mark")
    func nothing() throws {
        for text in ["", "# nothing", "{}", "queues: []", "\u{FEFF}queues: []"] {
            #expect(try DefinitionLoader.parse(text: text, file: "t.yaml") == DefinitionSet())
        }
        #expect(try DefinitionLoader.parse(text: "\u{FEFF}{}", file: "t.json") == DefinitionSet())
        #expect(errors(in: "", file: "t.json") == ["t.json:1:1: expected a value, found the end of the file"])
    }

    @Test("A text over the limit of its format is refused unread")
    func textLimit() {
        let blanks = String(repeating: " ", count: DefinitionFormat.yaml.bytesMax + 1)
        #expect(
            errors(in: blanks, file: "t.yaml") == [
                "t.yaml: larger than 16 MiB, the most that is read of this format"
            ])
    }
}
