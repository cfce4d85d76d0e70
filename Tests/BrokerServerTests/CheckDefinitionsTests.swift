import CommandRuns
import Foundation
import TestServers
import Testing

/// `harrier definitions check` finds what `harrier serve` refuses, and nothing else.
@Suite(.timeLimit(.minutes(1))) struct CheckDefinitionsTests {
    private static let freePorts = ["serve", "--amqp-port", "0", "--http-port", "0"]

    /// What both say of the file: the errors, one a line. None if it is fine.
    private static func errors(
        _ text: String, in directory: TemporaryDirectory, at location: SourceLocation = #_sourceLocation
    ) async throws -> [String] {
        let file = try directory.write(text, to: "file-\(UUID().uuidString).yaml")
        let check = try SpawnedServer(["definitions", "check", file], in: directory)
        let code = await check.exitCode()
        let found = await check.standardError().split(separator: "\n").map(String.init)
        #expect(code == (found.isEmpty ? 0 : 1), sourceLocation: location)

        let data = "data-\(UUID().uuidString)"
        let server = try SpawnedServer(freePorts + ["--definitions", file, "--data-dir", data], in: directory)
        if found.isEmpty {
            _ = try await server.waitUntilReady()
            server.signal(SIGTERM)
            #expect(await server.exitCode() == 0, sourceLocation: location)
        } else {
            #expect(await server.exitCode() == 1, sourceLocation: location)
            let text = await server.standardError()
            #expect(found.allSatisfy { text.contains($0) }, "\(text)", sourceLocation: location)
        }
        return found.map { String($0.trimmingPrefix(file + ":")) }
    }

    @Test(
        "each mistake is one error, with its place",
        arguments: [
            (
                "queues:\n  - name: q\n    arguments: {x-message-ttl: soon}\n",
                "2:5: queue 'q': invalid arg 'x-message-ttl' for queue 'q' in vhost '/': \"expected integer, "
                    + "got longstr\""
            ),
            (
                "exchanges: [{name: x, type: fanuot}]\nqueues: [{name: q}]\n"
                    + "bindings: [{source: x, destination: q}, {source: x, destination: q, routing_key: k}]",
                "1:13: exchange 'x': unknown exchange type 'fanuot'"
            ),
            (
                "queues: [{name: q, arguments: {x-max-length: -1}}]\n"
                    + "bindings: [{source: amq.topic, destination: q}, {source: amq.fanout, destination: q}]",
                "1:10: queue 'q': invalid arg 'x-max-length' for queue 'q' in vhost '/': {value_negative,-1}: "
                    + "expected 0 to 9223372036854775807"
            ),
            (
                "bindings: [{source: amq.topic, destination: q}]",
                "1:12: binding from 'amq.topic': no queue 'q' in vhost '/'"
            ),
            (
                "queues: [{name: q}]\nbindings: [{source: x, destination: q}]",
                "2:12: binding from 'x': no exchange 'x' in vhost '/'"
            ),
            (
                "exchanges: [{name: h, type: headers}]\nqueues: [{name: q}]\n"
                    + "bindings: [{source: h, destination: q, arguments: {x-match: some}}]",
                "3:12: binding from 'h': Invalid x-match field value \"some\"; expected all, any, all-with-x, or any-with-x"
            ),
            (
                "permissions: [{user: guest, vhost: /, configure: '(', write: '', read: ''}]",
                "1:15: permission of user 'guest' in vhost '/': '(' is not a regular expression that can be used: "
                    + "missing ) at offset 1"
            ),
            (
                "permissions: [{user: guest, vhost: /, configure: '^(a)\\1$', write: '', read: ''}]",
                "1:15: permission of user 'guest' in vhost '/': '^(a)\\1$' is not a regular expression that can be used: "
                    + "backreferences are not supported; a byte by its octal number is \\o{…} at offset 5"
            ),
            (
                "policies: [{name: p, pattern: '[', definition: {max-length: 1}}]",
                "1:12: policy 'p': '[' is not a regular expression that can be used: "
                    + "missing terminating ] for character class at offset 1"
            ),
            (
                "exchanges: [{name: x, type: x-consistent-hash}]\nqueues: [{name: q}]\n"
                    + "bindings: [{source: x, destination: q, routing_key: heavy}]",
                "3:12: binding from 'x': The binding key must be an integer: <<\"heavy\">>"
            ),
            ("queues: [{vhost: elsewhere, name: q}]", "1:10: queue 'q': no vhost 'elsewhere'"),
        ])
    func mistakes(text: String, error: String) async throws {
        let directory = try TemporaryDirectory()
        let found = try await Self.errors(text, in: directory)
        #expect(found.count == 1, "\(found)")
        let isSame = found.first == error
        // The text of an x-match is the headers exchange's own.
        let isAlike = error.contains("x-match") && found.first?.hasPrefix(String(error.prefix(20))) == true
        #expect(isSame || isAlike, "\(found)")
    }

    @Test(
        "what every broker has need not be in the files, and what it names itself is passed over",
        arguments: [
            "queues: [{name: q}]\nbindings: [{source: amq.topic, destination: q, routing_key: '#'}]",
            "bindings: [{source: amq.topic, destination: amq.gen-JzTY20BRgKO-HjmUJj0wLg, routing_key: k}]",
            "queues: [{name: q}]\nbindings: [{source: amq.rabbitmq.event, destination: q, routing_key: 'queue.*'}]",
            "exchanges: [{name: x, type: fanout}]\nbindings: [{source: x, destination: amq.gen-a}]",
            "exchanges: [{name: x, type: x-delayed-message, arguments: {x-delayed-type: x-random}}]\n"
                + "queues: [{name: q}]\nbindings: [{source: x, destination: q}]",
            "permissions: [{user: guest, vhost: /, configure: '^(?!amq\\.).*', write: '[[:alpha:]]', read: '^[]a]{,3}$'}]",
        ])
    func fine(text: String) async throws {
        #expect(try await Self.errors(text, in: try TemporaryDirectory()) == [])
    }

    @Test("the files of one run are looked at together")
    func together() async throws {
        let directory = try TemporaryDirectory()
        let queues = try directory.write("queues: [{name: q}]", to: "queues.yaml")
        let bindings = try directory.write("bindings: [{source: amq.topic, destination: q}]", to: "bindings.yaml")
        let both = try SpawnedServer(["definitions", "check", queues, bindings], in: directory)
        #expect(await both.exitCode() == 0)
        let one = try SpawnedServer(["definitions", "check", bindings], in: directory)
        #expect(await one.exitCode() == 1)
    }

    @Test("what is kept and has no effect is told, and is no error")
    func warnings() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            """
            queues: [{name: q, arguments: {x-colour: red}}]
            policies: [{name: p, pattern: q, apply-to: queues, definition: {dead-letter-routing-key: k}}]
            """, to: "topology.yaml")
        let check = try await CommandRun.run(["definitions", "check", file])
        #expect(check.exitCode == 0)
        let lines = check.lines
        #expect(lines.count == 3, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("warning: ") && $0.contains("x-colour") && $0.contains("q") }, "\(lines)")
        #expect(lines.contains { $0.hasSuffix("dead-letter-exchange is missing (policy 'p', vhost '/')") }, "\(lines)")
        #expect(lines.last == "fine: 0 vhosts, 0 users, 0 exchanges, 1 queues, 0 bindings, 1 policies")
    }

    @Test(
        "where dead letters would get stuck is told, and a retry by way of a queue with a time to live is none of that")
    func deadLetters() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            """
            queues:
            - {name: stuck, arguments: {x-dead-letter-exchange: nowhere}}
            - {name: work, arguments: {x-dead-letter-exchange: "", x-dead-letter-routing-key: retry}}
            - {name: retry, arguments: {x-dead-letter-exchange: "", x-dead-letter-routing-key: work, x-message-ttl: 1000}}
            - {name: round, arguments: {x-dead-letter-exchange: "", x-dead-letter-routing-key: about}}
            - {name: both, arguments: {x-dead-letter-exchange: two}}
            - {name: wait, arguments: {x-dead-letter-exchange: "", x-dead-letter-routing-key: both, x-message-ttl: 1000}}
            - {name: hot, arguments: {x-dead-letter-exchange: "", x-dead-letter-routing-key: both}}
            - {name: about, arguments: {x-dead-letter-exchange: "", x-dead-letter-routing-key: round}}
            exchanges: [{name: two, type: fanout}]
            bindings:
            - {source: two, destination: wait, destination_type: queue}
            - {source: two, destination: hot, destination_type: queue}
            policies:
            - {name: p, pattern: ^work$, apply-to: queues, definition: {redrive-every: 60000, redrive-parking-queue: none}}
            """, to: "topology.yaml")
        let check = try await CommandRun.run(["definitions", "check", file])
        #expect(check.exitCode == 0)
        let about = check.lines.filter { $0.hasPrefix("warning: queue") }.map { $0.split(separator: "'")[1] }
        #expect(about.sorted() == ["about", "both", "hot", "round", "stuck", "work"], "\(check.output)")
        #expect(check.output.contains("redrive-parking-queue 'none' is not there"))
    }
}
