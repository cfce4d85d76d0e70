import AMQPProtocol
import Broker
import BrokerServer
import Definitions

extension BrokerUnderTest {
    /// Runs the body against a broker of its own, which is the current one meanwhile.
    static func withDefinitions(
        _ text: String, _ body: (BrokerUnderTest) async throws -> Void
    ) async throws {
        let definitions = try DefinitionLoader.parse(text: text, file: "definitions.yaml")
        try await withOwn({ $0.definitions = definitions }, body)
    }

    /// Runs the body against a broker of its own on that folder, which stays.
    static func withFolder(_ path: String, _ body: (BrokerUnderTest) async throws -> Void) async throws {
        try await withOwn({ $0.broker.dataDirectory = path }, body)
    }

    /// Runs the body against a broker of its own that has these policies: what they set, by patterns of names.
    static func withPolicies(
        _ policies: [String: FieldTable], _ body: (BrokerUnderTest) async throws -> Void
    ) async throws {
        try await withOwn({ $0.definitions = definitions(policies) }, body)
    }

    /// Replaces policies of a broker of ours that runs.
    func setPolicies(_ policies: [String: FieldTable]) async throws {
        try await server?.withBroker { try $0.apply(Self.definitions(policies)) }
    }

    private static func definitions(_ policies: [String: FieldTable]) -> DefinitionSet {
        var set = DefinitionSet()
        set.policies = policies.map { pattern, settings in
            PolicyDefinition(
                vhost: "/", name: pattern, pattern: pattern, applyTo: .queues, definition: settings,
                location: Definitions.SourceLocation(file: "test", line: 1, column: 1))
        }
        return set
    }
}
