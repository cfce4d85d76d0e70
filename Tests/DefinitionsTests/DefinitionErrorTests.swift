import Testing

@testable import Definitions

@Suite("Errors")
struct DefinitionErrorTests {
    @Test(
        "Each mistake is told with its place, its key path and what is wrong",
        arguments: [
            // The file as a whole
            ("[]", ["t.yaml: no error"]),
            ("- queues", ["t.yaml:1:1: expected a table, found a list"]),
            ("queues", ["t.yaml:1:1: expected a table, found text"]),
            ("queues: 3", ["t.yaml:1:9: queues: expected a list, found 3"]),
            (
                "queues: [1, x]",
                [
                    "t.yaml:1:10: queues[0]: expected a table, found 1",
                    "t.yaml:1:13: queues[1]: expected a table, found \"x\"",
                ]
            ),
            // Keys
            ("ques: []", ["t.yaml:1:1: unknown key \"ques\"; did you mean \"queues\"?"]),
            (
                "stuff: []",
                [
                    "t.yaml:1:1: unknown key \"stuff\"; the keys here are users, vhosts, permissions, topic_permissions, "
                        + "parameters, global_parameters, policies, exchanges, queues, bindings"
                ]
            ),
            (
                "queues:\n  - name: q\n    autoDelete: true",
                [
                    "t.yaml:3:5: queues[0]: unknown key \"autoDelete\"; did you mean \"auto_delete\"?"
                ]
            ),
            (
                "queues:\n  - name: q\n    colour: red",
                [
                    "t.yaml:3:5: queues[0]: unknown key \"colour\"; "
                        + "the keys here are vhost, name, type, durable, auto_delete, arguments"
                ]
            ),
            ("queues:\n  - durable: true", ["t.yaml:2:5: queues[0]: \"name\" is missing"]),
            (
                "queues:\n  - name:",
                [
                    "t.yaml:2:10: queues[0].name: expected text, found nothing: "
                        + "text that begins with # or & must stand in quotes"
                ]
            ),
            (
                "bindings:\n  - source: a\n    destination: b\n    routing_key: #",
                [
                    "t.yaml:4:17: bindings[0].routing_key: expected text, found nothing: "
                        + "text that begins with # or & must stand in quotes"
                ]
            ),
            (
                "queues: [{name: q, durable: ~}]",
                [
                    "t.yaml:1:29: queues[0].durable: expected true or false, found nothing"
                ]
            ),
            ("queues: [{name: q, arguments: }]\nusers:\nexchanges:\n#  - name: x", ["t.yaml: no error"]),
            (
                "bindings:\n  - {}",
                [
                    "t.yaml:2:5: bindings[0]: \"source\" is missing",
                    "t.yaml:2:5: bindings[0]: \"destination\" is missing",
                ]
            ),
            // Types
            (
                "queues: [{name: q, durable: \"yes please\"}]",
                [
                    "t.yaml:1:29: queues[0].durable: expected true or false, found \"yes please\""
                ]
            ),
            (
                "queues: [{name: q, durable: yes}]",
                [
                    "t.yaml:1:29: queues[0].durable: expected true or false, found \"yes\""
                ]
            ),
            (
                "queues: [{name: q, durable: 1}]",
                [
                    "t.yaml:1:29: queues[0].durable: expected true or false, found 1"
                ]
            ),
            ("queues: [{name: 7}]", ["t.yaml:1:17: queues[0].name: expected text, found 7: put it in quotes"]),
            ("queues: [{name: [q]}]", ["t.yaml:1:17: queues[0].name: expected text, found a list"]),
            (
                "queues: [{name: q, arguments: [1]}]",
                [
                    "t.yaml:1:31: queues[0].arguments: expected a table, found a list"
                ]
            ),
            (
                "queues: [{name: q, arguments: {x: {y: [1, 18446744073709551615]}}}]",
                [
                    "t.yaml:1:43: queues[0].arguments.x.y[1]: the number 18446744073709551615 does not fit into 64 bits"
                ]
            ),
            (
                "policies: [{name: p, pattern: a, definition: {}, priority: 1.5}]",
                [
                    "t.yaml:1:60: policies[0].priority: expected a whole number, found 1.5"
                ]
            ),
            (
                "policies: [{name: p, pattern: a, definition: {}, apply-to: queue}]",
                [
                    "t.yaml:1:60: policies[0].apply-to: expected one of all, queues, classic_queues, quorum_queues, "
                        + "streams, exchanges, found \"queue\""
                ]
            ),
            (
                "policies: [{name: p}]",
                [
                    "t.yaml:1:12: policies[0]: \"definition\" is missing",
                    "t.yaml:1:12: policies[0]: \"pattern\" is missing",
                ]
            ),
            (
                "bindings: [{source: a, destination: b, destination_type: topic}]",
                [
                    "t.yaml:1:58: bindings[0].destination_type: expected one of queue, exchange, found \"topic\""
                ]
            ),
            ("vhosts: [{name: v, tags: 5}]", ["t.yaml:1:26: vhosts[0].tags: expected a list of tags, found 5"]),
            ("vhosts: [{name: v, tags: [a, 5]}]", ["t.yaml:1:30: vhosts[0].tags[1]: expected text, found 5"]),
            (
                "parameters: [{component: operator_policy, name: p, value: {pattern: a, definition: {}, aply-to: all}}]",
                [
                    "t.yaml:1:88: parameters[0].value: unknown key \"aply-to\"; did you mean \"apply-to\"?"
                ]
            ),
            (
                "parameters: [{component: operator_policy, name: p}]",
                [
                    "t.yaml:1:14: parameters[0]: \"value\" is missing"
                ]
            ),
            ("global_parameters: [{name: p}]", ["t.yaml:1:21: global_parameters[0]: \"value\" is missing"]),
            // Users
            (
                "users: [{name: u, hashing_algorithm: sha256}]",
                [
                    "t.yaml:1:38: users[0].hashing_algorithm: expected one of rabbit_password_hashing_sha256, "
                        + "rabbit_password_hashing_sha512, rabbit_password_hashing_md5"
                ]
            ),
            (
                "users: [{name: u, password_hash: \"=bad=\"}]",
                [
                    "t.yaml:1:34: users[0].password_hash: expected base64"
                ]
            ),
            (
                "users: [{name: u, password: p, password_hash: AAAA}]",
                [
                    "t.yaml:1:47: users[0].password_hash: a user has either a password or a hash, not both"
                ]
            ),
            (
                "users: [{name: u, password: \"\"}]",
                [
                    "t.yaml:1:29: users[0].password: must not be empty; a user without a password has no such key"
                ]
            ),
            (
                "users: [{name: u, limits: {max-connections: many, max_channels: 1}}]",
                [
                    "t.yaml:1:45: users[0].limits.max-connections: expected a whole number, found text",
                    "t.yaml:1:51: users[0].limits: unknown key \"max_channels\"; did you mean \"max-channels\"?",
                ]
            ),
            (
                "users: [{name: u, permissions: {/: {configure: a, write: b}}}]",
                [
                    "t.yaml:1:36: users[0].permissions./: \"read\" is missing"
                ]
            ),
            // Names
            ("queues: [{name: \"\"}]", ["t.yaml:1:17: queues[0].name: must not be empty"]),
            ("queues: [{name: q, vhost: \"\"}]", ["t.yaml:1:27: queues[0].vhost: must not be empty"]),
            ("exchanges: [{name: \"\", type: direct}]", ["t.yaml:1:20: exchanges[0].name: must not be empty"]),
        ])
    func messages(yaml: String, expected: [String]) {
        #expect(errors(in: yaml) == (expected == ["t.yaml: no error"] ? [] : expected))
    }

    @Test("Names and routing keys have at most 255 bytes, whatever the number of characters")
    func nameLengths() {
        let longest = String(repeating: "ü", count: 127) + "q"
        #expect(errors(in: "queues: [{name: \(longest)}]") == [])
        #expect(
            errors(in: "queues: [{name: \(longest)q}]") == [
                "t.yaml:1:17: queues[0].name: has 256 bytes; the longest allowed is 255"
            ])
        let long = String(repeating: "k", count: 256)
        #expect(
            errors(in: "bindings: [{source: a, destination: b, routing_key: \(long)}]") == [
                "t.yaml:1:53: bindings[0].routing_key: has 256 bytes; the longest allowed is 255"
            ])
        #expect(
            errors(in: "queues: [{name: q, arguments: {\(long): 1}}]") == [
                "t.yaml:1:32: queues[0].arguments.\"\(long.prefix(64))…\": the key is longer than 255 bytes"
            ])
    }

    @Test("All errors of a file are told at once, in the order of the file")
    func allAtOnce() {
        let json = """
            {
              "bindings": [{"source": "a"}],
              "queues": [{"name": "q", "name": "r", "durable": null}, {"name": 1, "durable": "no"}],
              "exhanges": []
            }
            """
        #expect(
            errors(in: json, file: "t.json") == [
                "t.json:2:16: bindings[0]: \"destination\" is missing",
                "t.json:3:28: queues[0]: the key \"name\" stands twice in one table",
                "t.json:3:52: queues[0].durable: expected true or false, found nothing",
                "t.json:3:68: queues[1].name: expected text, found 1: put it in quotes",
                "t.json:3:82: queues[1].durable: expected true or false, found \"no\"",
                "t.json:4:3: unknown key \"exhanges\"; did you mean \"exchanges\"?",
            ])
    }

    @Test("A table with many keys is checked for keys that stand twice as well")
    func manyKeys() {
        let members = (0..<20).map { "\"k\($0)\": \($0)" } + ["\"k3\": 0"]
        let json = "{\"queues\": [{\"name\": \"q\", \"arguments\": {\(members.joined(separator: ", "))}}]}"
        #expect(
            errors(in: json, file: "t.json") == [
                "t.json:1:241: queues[0].arguments: the key \"k3\" stands twice in one table"
            ])
    }

    @Test(
        "What is defined twice is told with both places",
        arguments: [
            ("users", "{name: u}", "user \"u\""),
            ("vhosts", "{name: v}", "vhost \"v\""),
            ("permissions", "{user: u, configure: a, write: b, read: c}", "permission of user \"u\" in vhost \"/\""),
            (
                "topic_permissions", "{user: u, vhost: v, exchange: x, write: b, read: c}",
                "topic permission of user \"u\" on exchange \"x\" in vhost \"v\""
            ),
            ("parameters", "{component: c, name: p, value: 1}", "parameter \"p\" of component \"c\" in vhost \"/\""),
            (
                "parameters", "{component: operator_policy, name: p, value: {pattern: a, definition: {}}}",
                "operator policy \"p\" in vhost \"/\""
            ),
            ("global_parameters", "{name: p, value: 1}", "global parameter \"p\""),
            ("policies", "{name: p, pattern: a, definition: {}}", "policy \"p\" in vhost \"/\""),
            ("exchanges", "{name: x, type: topic}", "exchange \"x\" in vhost \"/\""),
            ("queues", "{name: q}", "queue \"q\" in vhost \"/\""),
            (
                "bindings", "{source: a, destination: b, destination_type: exchange, arguments: {x: 1}}",
                "binding from \"a\" to exchange \"b\" in vhost \"/\""
            ),
        ])
    func duplicates(section: String, entry: String, name: String) {
        #expect(
            errors(in: "\(section):\n  - \(entry)\n  - \(entry)\n") == [
                "t.yaml:3:5: \(section)[1]: \(name) is defined a second time; the first time is at t.yaml:2:5"
            ])
    }

    @Test("Bindings are the same if all is the same; the order of arguments makes no difference")
    func bindingIdentity() {
        let yaml = """
            bindings:
              - {source: a, destination: b, arguments: {x: 1, y: 2}}
              - {source: a, destination: b, arguments: {x: 1, y: 3}}
              - {source: a, destination: b, arguments: {x: 1, y: 2}, routing_key: k}
              - {source: a, destination: b, arguments: {x: 1, y: 2}, vhost: v}
              - {source: a, destination: b, arguments: {x: 1, y: 2}, destination_type: exchange}
              - {source: a, destination: b, arguments: {y: 2, x: 1}}
            """
        #expect(
            errors(in: yaml) == [
                "t.yaml:7:5: bindings[5]: binding from \"a\" to queue \"b\" in vhost \"/\" is defined a second time; "
                    + "the first time is at t.yaml:2:5"
            ])
    }

    @Test(
        "Passwords are in no error, whatever slip they are in",
        arguments: [
            "users: [{name: u, password: [hunter2]}]",
            "users: [{name: u, password: {hunter2: x}}]",
            "users: [{name: u, password:hunter2}]",
            "users: [{name: u, pasword: hunter2}]",
            "users: [{name: u, password: *hunter2}]",
            "users: [{name: u, password: &hunter2}]",
            "users: [{name: u, password: !hunter2}]",
            "users: [{name: u, password: \"hunter2}]",
            "users: [{name: u, password: hunter2, password: hunter2}]",
            "users: [{name: u, password: hunter2, password_hash: hunter2!}]",
            "users: [{name: u, hashing_algorithm: hunter2}]",
            "users: [{name: u, tags: {password: hunter2}, limits: hunter2}]",
            "users: [\"u:hunter2\"]",
            "users: \"u:hunter2\"",
            "users:\n  - name: u\n    password: hunter2: x\n",
            "users:\n  - name: u\n    password:hunter2\n    tags: []\n",
            "users:\n  - name: u\n    password: %hunter2\n",
            "users:\n  - name: u\n    password: @hunter2\n",
            "parameters: [{component: shovel, name: s, value: {}, vhost: [\"amqp://u:hunter2@h\"]}]",
            "parameters: [{component: operator_policy, name: s, value: \"amqp://u:hunter2@h\"}]",
            "hunter2",
            "[hunter2]",
        ])
    func passwords(yaml: String) {
        let found = errors(in: yaml)
        #expect(!found.isEmpty)
        #expect(!found.joined().contains("hunter2"))
        if yaml.contains("{name: u, password: hunter2") {
            let json = #"{"users": [{"name": "u", "password": "hunter2" "x"}]}"#
            #expect(errors(in: json, file: "t.json") == ["t.json:1:48: expected \",\" or \"}\""])
        }
    }

    @Test("A user can be printed and logged without the password")
    func printedUsers() throws {
        let set = try DefinitionLoader.parse(text: "users: [{name: u, password: hunter2}]", file: "t.yaml")
        var dumped = ""
        dump(set, to: &dumped)
        #expect("\(set.users)" == "[user \"u\" (t.yaml:1:9)]")
        #expect(!"\(set)".contains("hunter2"))
        #expect(!dumped.contains("hunter2"))
    }

    @Test("What errors quote is cut, and plays no tricks on terminals")
    func quoting() {
        #expect(quoted("a \"b\" \\ ü🐦") == #""a \"b\" \\ ü🐦""#)
        #expect(quoted("\u{1B}[31m\n\u{202E}\u{7F}") == #""\u{1b}[31m\u{a}\u{202e}\u{7f}""#)
        #expect(quoted(String(repeating: "x", count: 65)) == "\"" + String(repeating: "x", count: 64) + "…\"")
        let path = PathStep.render([.key("queues"), .index(2), .key("arguments"), .key("a b\n")])
        #expect(path == #"queues[2].arguments."a b\u{a}""#)
    }

    @Test("The list of errors has an end")
    func errorsMax() {
        let entries = Array(repeating: "{}", count: DefinitionReader.errorsMax + 5).joined(separator: ",")
        #expect(errors(in: "{\"queues\":[\(entries)]}", file: "t.json").count == DefinitionReader.errorsMax)
    }

    @Test(
        "A slip is known for what was meant, and other words are not",
        arguments: [
            ("routing-key", "routing_key"), ("routingkey", "routing_key"), ("routnig_key", "routing_key"),
            ("desination", "destination"), ("destinationType", "destination_type"), ("arguements", "arguments"),
            ("zzz", nil), ("", nil), (String(repeating: "destination", count: 9), nil),
        ] as [(String, String?)])
    func suggestions(written: String, meant: String?) {
        #expect(Suggestion.nearest(to: written, among: Section.bindings.keys) == meant)
    }
}
