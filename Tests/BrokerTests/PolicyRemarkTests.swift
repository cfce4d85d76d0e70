import AMQPProtocol
import Testing

@testable import Broker

/// Policies that are taken, and do nothing or something else than they look like, are told of.
@Suite struct PolicyRemarkTests {
    private static func remarks(
        _ definition: FieldTable, applyTo: String = "queues", isOperator: Bool = false
    ) throws -> [String] {
        let value: FieldTable = [
            "pattern": .string("."), "apply-to": .string(applyTo), "definition": .table(definition),
        ]
        return try Policy(name: "p", value: value, isOperator: isOperator).remarks
    }

    @Test("what does as it says has no remark")
    func fine() throws {
        #expect(
            try Self.remarks(["dead-letter-exchange": .string(""), "dead-letter-routing-key": .string("d")]).isEmpty)
        #expect(try Self.remarks(["delivery-limit": .int64(3)]).isEmpty)
        #expect(try Self.remarks(["delivery-limit": .int64(3)], applyTo: "all").isEmpty)
        #expect(try Self.remarks(["delayed-retry-min": .int64(10), "delayed-retry-max": .int64(10)]).isEmpty)
        #expect(try Self.remarks(["delayed-retry-type": .string("disabled")]).isEmpty)
        #expect(try Self.remarks(["max-length": .int64(3)], isOperator: true).isEmpty)
    }

    @Test(
        "a policy that can apply to no queue",
        arguments: [
            ("classic_queues", ["delivery-limit"], "delivery-limit are none for classic queues"),
            ("quorum_queues", ["max-priority"], "max-priority are none for quorum queues"),
            (
                "queues", ["delivery-limit", "max-priority"],
                "delivery-limit, max-priority are none for classic and quorum queues"
            ),
        ])
    func forNoQueue(applyTo: String, keys: [String], text: String) throws {
        let definition = FieldTable(keys.map { FieldTable.Entry(name: $0, value: .int64(3)) })
        let remarks = try Self.remarks(definition, applyTo: applyTo)
        #expect(remarks.first == "it has no effect: policies with " + text)
        #expect(try Self.remarks(["max-length": .int64(1)], applyTo: "streams").count == 1)
    }

    @Test("keys that miss another one, or contradict it")
    func incomplete() throws {
        #expect(
            try Self.remarks(["dead-letter-routing-key": .string("d")]).first?.hasSuffix("-exchange is missing") == true
        )
        #expect(try Self.remarks(["delayed-retry-max": .int64(5)]).first?.hasSuffix("-list is missing") == true)
        let crossed: FieldTable = ["delayed-retry-min": .int64(9), "delayed-retry-max": .int64(5)]
        #expect(
            try Self.remarks(crossed)
                == ["delayed-retry-min (9) is more than delayed-retry-max (5), which counts for every delay"])
        #expect(try Self.remarks(["ha-mode": .string("all")]) == ["keys that have no effect: ha-mode"])
        #expect(
            try Self.remarks(["alternate-exchange": .string("a")], isOperator: true)
                == ["keys that have no effect: alternate-exchange"])
    }

    @Test("an operator policy's routing has no effect, and is not told of twice")
    func operators() throws {
        #expect(
            try Self.remarks(["dead-letter-routing-key": .string("k")], isOperator: true)
                == ["keys that have no effect: dead-letter-routing-key"])
        #expect(try Self.remarks(["delayed-retry-max": .int64(5)], isOperator: true).count == 1)
    }

    @Test("keys of queues say nothing about exchanges, and the other way round")
    func otherTargets() throws {
        #expect(
            try Self.remarks(["dead-letter-routing-key": .string("k"), "max-length": .int64(1)], applyTo: "exchanges")
                == ["keys that have no effect: dead-letter-routing-key, max-length"])
        #expect(try Self.remarks(["alternate-exchange": .string("a")], applyTo: "exchanges").isEmpty)
        #expect(
            try Self.remarks(["alternate-exchange": .string("a")]) == ["keys that have no effect: alternate-exchange"])
        #expect(
            try Self.remarks(["alternate-exchange": .string("a"), "max-length": .int64(1)], applyTo: "all").isEmpty)
    }

    @Test("retries that are disabled have no delays to tell of")
    func disabled() throws {
        let crossed: FieldTable = [
            "delayed-retry-type": .string("disabled"), "delayed-retry-min": .int64(9), "delayed-retry-max": .int64(5),
        ]
        #expect(try Self.remarks(crossed).isEmpty)
    }
}
