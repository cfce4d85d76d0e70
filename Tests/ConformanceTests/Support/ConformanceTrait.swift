import Testing

/// Gives a suite its broker: all tests in it share one, as the clients of a real one do.
struct ConformanceTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
    ) async throws {
        if let foreign = try BrokerUnderTest.foreign() {
            try await BrokerUnderTest.$current.withValue(foreign, operation: body)
            try await Leftovers.shared.delete(from: foreign)
        } else {
            try await BrokerUnderTest.withServer { broker in
                try await BrokerUnderTest.$current.withValue(broker, operation: body)
            }
        }
    }
}

extension Trait where Self == ConformanceTrait {
    static var broker: Self { Self() }
}

extension Trait where Self == ConditionTrait {
    /// For what Harrier does and RabbitMQ 3.10 does otherwise, or not.
    static func harrierOnly(_ reason: Comment) -> Self {
        .disabled(if: BrokerUnderTest.isForeign, reason)
    }

    /// For tests that start a server of their own.
    static var ownServer: Self {
        .disabled(if: BrokerUnderTest.isForeign, "needs a broker that is configured for this test")
    }
}

/// What a broker answers to what clients do, over a socket.
@Suite(.broker, .timeLimit(.minutes(2))) enum Conformance {}
