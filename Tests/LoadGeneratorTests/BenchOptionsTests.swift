import AMQPProtocol
import ArgumentParser
import LoadGenerator
import Testing

@testable import harrier

/// What `harrier bench` makes of its options.
@Suite struct BenchOptionsTests {
    private static func plan(_ options: String...) throws -> LoadPlan {
        try BenchCommand.parse(options).plan()
    }

    @Test func withoutOptionsItRunsForTenSeconds() throws {
        let plan = try Self.plan()
        #expect(plan.seconds == 10)
        #expect(plan.messageCount == nil)
        #expect(plan.acknowledgement == .automatic)
        #expect(!plan.areQueuesDurable)
    }

    @Test(arguments: [
        ("16", [16]), ("16,1KiB,2kb", [16, 1024, 2000]), ("0", [0]),
    ])
    func sizes(argument: String, bytes: [Int]) {
        #expect(BodySizes(argument: argument)?.bytes == bytes)
    }

    @Test(arguments: ["", ",", "1,", "x", "1,-2", "1;2"])
    func whatAreNoSizes(argument: String) {
        #expect(BodySizes(argument: argument) == nil)
    }

    @Test(arguments: [
        ("x-max-length=10", "x-max-length", FieldValue.int64(10)),
        ("x-queue-type=quorum", "x-queue-type", .string("quorum")),
        ("x-single-active-consumer=true", "x-single-active-consumer", .boolean(true)),
        ("x-name:string=10", "x-name", .string("10")), ("x=a=1", "x", .string("a=1")),
    ])
    func queueArguments(argument: String, name: String, value: FieldValue) {
        let parsed = QueueArgument(argument: argument)
        #expect(parsed?.name == name)
        #expect(parsed?.value == value)
    }

    @Test func theOptionsOfADurableRun() throws {
        let plan = try Self.plan(
            "--persistent", "--confirms", "1000", "--ack", "100", "--prefetch", "1000", "--property", "priority=3",
            "--header", "a:int=1", "--queue-argument", "x-max-priority=5", "--count", "7", "--threads", "1")
        #expect(plan.properties == BasicProperties(headers: ["a": .int64(1)], deliveryMode: 2, priority: 3))
        #expect(plan.areQueuesDurable)
        #expect(plan.queueArguments == ["x-max-priority": .int64(5)])
        #expect(plan.confirmWindow == 1000)
        #expect(plan.acknowledgement == .manual(every: 100))
        #expect(plan.prefetch == 1000)
        #expect(plan.messageCount == 7)
        #expect(plan.seconds == nil)
        #expect(plan.threads == 1)
    }

    @Test func halvesOfALoad() throws {
        #expect(try Self.plan("--produce-only").consumers == 0)
        let plan = try Self.plan("--consume-only", "--ack-mode", "manual")
        #expect(plan.producers == 0)
        #expect(plan.seconds == nil)
        #expect(plan.acknowledgement == .manual(every: 1))
    }

    @Test(arguments: [
        (0.0, 0, "0"), (999.5, 0, "1,000"), (1234567, 1, "1,234,567.0"), (-0.04, 1, "0.0"), (-1234.5, 2, "-1,234.50"),
        (0.056, 3, "0.056"),
    ])
    func numbers(value: Double, decimals: Int, text: String) {
        #expect(BenchNumber.text(value, decimals: decimals) == text)
    }
}
