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

    @Option(
        name: .customLong("header"), parsing: .singleValue,
        help: ArgumentHelp(
            "A header; can be repeated. Its value is text, or of a type: name:int=5, double, bool.",
            valueName: "name=value"))
    var headers: [HeaderArgument] = []

    @Option(
        name: .customLong("property"), parsing: .singleValue,
        help: ArgumentHelp(
            "A property; can be repeated: \(PropertyArgument.names.joined(separator: ", ")).", valueName: "name=value"))
    var properties: [PropertyArgument] = []

    func apply(to plan: inout LoadPlan) {
        plan.bodySizes = size.bytes
        plan.isMandatory = mandatory
        plan.properties = BasicProperties(deliveryMode: persistent ? 2 : 1)
        for property in properties { property.apply(to: &plan.properties) }
        if !headers.isEmpty {
            plan.properties.headers = FieldTable(headers.map { FieldTable.Entry(name: $0.name, value: $0.value) })
        }
    }
}
