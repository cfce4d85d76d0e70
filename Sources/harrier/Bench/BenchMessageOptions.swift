import AMQPProtocol
import ArgumentParser
import LoadGenerator

/// What the messages are.
struct BenchMessageOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The bodies' size: 1024 or 1KiB, or sizes to use in turn, 16,1KiB. Latencies need 8 bytes, order needs 16.",
            valueName: "bytes"))
    var size = BodySizes(bytes: [100])

    @Flag(help: "Persistent messages (delivery mode 2), and durable queues.")
    var persistent = false

    @Flag(help: "Have messages that no queue takes sent back, and count them.")
    var mandatory = false

    @OptionGroup
    var content: MessagePropertyOptions

    func apply(to plan: inout LoadPlan) {
        plan.bodySizes = size.bytes
        plan.isMandatory = mandatory
        plan.properties = content.makeProperties(persistent: persistent, deliveryMode: 1)
    }
}
