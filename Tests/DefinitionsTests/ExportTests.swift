import AMQPProtocol
import Testing

@testable import Definitions

/// Exports of brokers have to load as they are. Those of RabbitMQ 3.10 come from a real one, shortened; those of later
/// versions and of LavinMQ are written after what they export.
@Suite("Exports of brokers")
struct ExportTests {
    @Test("rabbitmqctl export_definitions of RabbitMQ 3.10, which writes some tables as lists of pairs")
    func rabbitMQ310() throws {
        let json = #"""
            {"bindings":[{"arguments":{"weight":2.5,"x-match":"any-with-x"},"destination":"q.orders",
            "destination_type":"queue","routing_key":"","source":"amq.headers","vhost":"shop"},{"arguments":{"n":1},
            "destination":"dlx","destination_type":"exchange","routing_key":"k","source":"tmp","vhost":"shop"}],
            "exchanges":[{"arguments":{"alternate-exchange":"dlx"},"auto_delete":false,"durable":false,"name":"tmp",
            "type":"topic","vhost":"shop"}],
            "global_parameters":[{"name":"mqtt_port_to_vhost_mapping","value":[["1883","/"],["8883","shop"]]}],
            "parameters":[{"component":"operator_policy","name":"cap","value":{"apply-to":"queues",
            "definition":[["max-length",10000]],"pattern":".*","priority":0},"vhost":"shop"},{"component":"vhost-limits",
            "name":"limits","value":{"max-connections":100,"max-queues":50},"vhost":"shop"}],
            "permissions":[{"configure":"^shop\\.","read":".*","user":"carla","vhost":"shop","write":".*"}],
            "policies":[{"apply-to":"queues","definition":{"dead-letter-exchange":"dlx","max-length":1000},"name":"dlx",
            "pattern":"^q\\.","priority":5,"vhost":"shop"}],
            "queues":[{"arguments":{},"auto_delete":false,"durable":false,"name":"plain","type":"classic","vhost":"/"},
            {"arguments":{"x-any":[1,2.5,true,"t",{"a":[]}],"x-big":9007199254740993,"x-float":1.0e3,
            "x-queue-type":"classic"},"auto_delete":true,"durable":true,"name":"q.ü🐦","type":"classic","vhost":"shop"}],
            "rabbit_version":"3.10.8","rabbitmq_version":"3.10.8",
            "topic_permissions":[{"exchange":"amq.topic","read":".*","user":"carla","vhost":"shop",
            "write":"^{username}\\..*"}],
            "users":[{"hashing_algorithm":"rabbit_password_hashing_sha256","limits":{},"name":"nopass",
            "password_hash":"","tags":[]},{"hashing_algorithm":"rabbit_password_hashing_sha256",
            "limits":{"max-connections":5},"name":"carla",
            "password_hash":"nPgHzPNBMmVgjXPPN76h1+ecZwSLO8RpgPBjCurusl0V4y5h","tags":["monitoring","management"]}],
            "vhosts":[{"limits":[["max-connections",100],["max-queues",50]],"metadata":{"default_queue_type":"quorum",
            "description":"Shop","tags":["prod","eu"]},"name":"shop"},
            {"limits":[],"metadata":{"description":"Default virtual host","tags":[]},"name":"/"}]}
            """#
        let set = try DefinitionLoader.parse(text: json, file: "rabbit.json")
        #expect(set.operatorPolicies.map(\.definition) == [["max-length": .int64(10000)]])
        #expect(
            set.parameters.map(\.value) == [
                .table(["max-connections": .int64(100), "max-queues": .int64(50)])
            ])
        #expect(set.vhosts.map(\.description) == ["Shop", "Default virtual host"])
        #expect(set.vhosts.map(\.tags) == [["prod", "eu"], []])
        #expect(set.vhosts.map(\.defaultQueueType) == ["quorum", nil])
        #expect(set.users.map(\.passwordHash) == ["", "nPgHzPNBMmVgjXPPN76h1+ecZwSLO8RpgPBjCurusl0V4y5h"])
        #expect(set.users.map(\.limits) == [[:], ["max-connections": 5]])
        #expect(set.queues.map(\.name) == ["plain", "q.ü🐦"])
        #expect(set.queues[1].arguments["x-float"] == .double(1000))
        #expect(set.queues[1].arguments["x-any"]?.arrayValue?.count == 5)
        #expect(set.bindings.map(\.destinationType) == [.queue, .exchange])
        #expect(set.topicPermissions.map(\.write) == [#"^{username}\..*"#])
    }

    @Test("The HTTP API's export of RabbitMQ 4, with all that it says about itself")
    func rabbitMQ4() throws {
        let json = #"""
            {"rabbit_version":"4.1.0","rabbitmq_version":"4.1.0","product_name":"RabbitMQ","product_version":"4.1.0",
            "rabbitmq_definition_format":"cluster","original_cluster_name":"rabbit@bird",
            "explanation":"Definitions of cluster 'rabbit@bird'",
            "users":[{"name":"guest","password_hash":"SmusIvSKa5HCeWMVPI/n5BcGE/RSPXkeUKOuyxff7mDZY11U",
            "hashing_algorithm":"rabbit_password_hashing_sha256","tags":["administrator"],"limits":{}}],
            "vhosts":[{"name":"/","description":"Default virtual host","tags":[],"default_queue_type":"undefined",
            "metadata":{"description":"Default virtual host","tags":[],"default_queue_type":"undefined",
            "protected_from_deletion":true}},{"name":"old","limits":{},"metadata":"undefined"}],
            "permissions":[{"user":"guest","vhost":"/","configure":".*","write":".*","read":".*"}],
            "topic_permissions":[],"parameters":[],
            "global_parameters":[{"name":"cluster_tags","value":[]},{"name":"cluster_name","value":"rabbit@bird"}],
            "policies":[{"vhost":"/","name":"s","pattern":".*","apply-to":"streams","priority":0,"definition":[]}],
            "queues":[{"name":"events","vhost":"/","durable":true,"auto_delete":false,"type":"stream",
            "arguments":{"x-queue-type":"stream","x-max-age":"7D"}}],
            "exchanges":[{"name":"amq.rabbitmq.log","vhost":"/","type":"topic","durable":true,"auto_delete":false,
            "internal":true,"arguments":{}}],
            "bindings":[]}
            """#
        let set = try DefinitionLoader.parse(text: json, file: "rabbit.json")
        #expect(set.users.map(\.tags) == [["administrator"]])
        #expect(set.vhosts.map(\.name) == ["/", "old"])
        #expect(set.vhosts.map(\.defaultQueueType) == [nil, nil])
        #expect(set.vhosts[0].metadata["protected_from_deletion"] == .boolean(true))
        #expect(set.policies.map(\.applyTo) == [.streams])
        #expect(set.queues.map(\.type) == ["stream"])
        #expect(set.exchanges.map(\.internal) == [true])
    }

    @Test("RabbitMQ 3.8 writes the tags of a user as one text")
    func rabbitMQ38() throws {
        let json = #"""
            {"rabbit_version":"3.8.2","users":[{"name":"a","password_hash":"AAECAw==",
            "hashing_algorithm":"rabbit_password_hashing_md5","tags":"administrator, monitoring"},{"name":"b",
            "password_hash":"AAECAw==","hashing_algorithm":"rabbit_password_hashing_sha256","tags":""}]}
            """#
        let set = try DefinitionLoader.parse(text: json, file: "rabbit.json")
        #expect(set.users.map(\.tags) == [["administrator", "monitoring"], []])
    }

    @Test("LavinMQ exports the default exchange, and null for what is not there")
    func lavinMQ() throws {
        let json = #"""
            {"lavinmq_version":"2.9.0","users":[{"hashing_algorithm":null,"name":"cert","password_hash":null,
            "tags":""}],"vhosts":[{"name":"/","dir":"42099b4af021e53f"}],
            "exchanges":[{"name":"","vhost":"/","type":"direct","durable":true,"auto_delete":false,"internal":false,
            "arguments":{}},{"name":"x","vhost":"/","type":"topic","durable":true,"auto_delete":false,"internal":false,
            "arguments":{}}],"bindings":[{"source":"x","vhost":"/","destination":"q","destination_type":"queue",
            "routing_key":"a","arguments":null,"properties_key":"a"}],
            "global_parameters":[{"component":null,"name":"p","value":null}]}
            """#
        let set = try DefinitionLoader.parse(text: json, file: "lavin.json")
        #expect(set.users.map(\.passwordHash) == [nil])
        #expect(set.exchanges.map(\.name) == ["x"])
        #expect(set.bindings.map(\.arguments) == [[:]])
        #expect(set.globalParameters.map(\.value) == [.void])
    }

    @Test(
        "The export of a single virtual host is refused with one error, as RabbitMQ refuses it at boot",
        arguments: [
            (
                #"{"rabbitmq_version": "4.1.0", "rabbitmq_definition_format": "single_virtual_host", "limits": [],"#
                    + #" "metadata": {}, "queues": [{"name": "q"}]}"#,
                "t.json:1:61"
            ),
            (
                #"{"rabbit_version": "3.10.8", "queues": [{"name": "q"}, {"name": "r"}], "bindings": [{"#
                    + #""source": "a", "destination": "b"}], "exchanges": [{"name": "x", "type": "topic"}]}"#,
                "t.json:1:137: exchanges[0]"
            ),
        ])
    func singleVirtualHost(json: String, place: String) {
        #expect(
            errors(in: json, file: "t.json") == [
                "\(place): this is the export of a single virtual host, whose entries do not say which one they belong "
                    + "to; export the definitions of the whole broker, or add \"vhost\" to each entry"
            ])
    }

    @Test("Lists of pairs are tables in exports only")
    func pairs() {
        let entry = #""policies": [{"vhost": "/", "name": "p", "pattern": "a", "definition": [["max-length", 1]]}]"#
        #expect(errors(in: "{\"rabbit_version\": \"3.10.8\", \(entry)}", file: "t.json") == [])
        #expect(
            errors(in: "{\(entry)}", file: "t.json") == [
                "t.json:1:73: policies[0].definition: expected a table, found a list"
            ])
    }
}
