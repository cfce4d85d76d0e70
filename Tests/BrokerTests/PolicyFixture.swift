import AMQPProtocol
import Definitions

@testable import Broker

extension BrokerFixture {
    /// Puts a policy for queues in force, from line 3 of a file.
    func apply(_ definition: FieldTable, to pattern: String, name: String = "p") throws {
        var set = DefinitionSet()
        set.policies = [
            PolicyDefinition(
                vhost: "/", name: name, pattern: pattern, applyTo: .queues, priority: 0, definition: definition,
                location: SourceLocation(file: "test.yaml", line: 3, column: 1))
        ]
        try core.apply(set)
        core.endBurst()
    }
}
