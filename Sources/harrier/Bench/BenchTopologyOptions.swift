import AMQPProtocol
import ArgumentParser
import LoadGenerator

/// Where the messages go.
struct BenchTopologyOptions: ParsableArguments {
    @Option(help: "How many queues. They are declared if they are not there.")
    var queues = 1

    @Option(help: "The queues' names are this and a number from 0 on.")
    var queuePrefix = "harrier-bench-"

    @Flag(help: "Durable queues, whatever the messages.")
    var durable = false

    @Option(
        name: .customLong("queue-argument"), parsing: .singleValue,
        help: ArgumentHelp(
            "An argument to declare the queues with; can be repeated. Whole numbers, true and false are no texts.",
            valueName: "name=value"))
    var queueArguments: [QueueArgument] = []

    @Option(help: "The exchange to publish to. Without it the default exchange, by the queues' names.")
    var exchange = ""

    @Option(
        help: ArgumentHelp(
            "Declare the exchange as direct, fanout, topic, headers or another type, and bind every queue to it.",
            valueName: "type"))
    var exchangeType: String?

    @Option(help: "The routing key of all messages. Without it the queues' names, for direct and topic exchanges.")
    var routingKey: String?

    @Option(help: "The key or pattern that the queues are bound with, if it is not the routing key.")
    var bindingKey: String?

    @Flag(help: "Delete the queues first.")
    var fresh = false

    @Flag(help: "Keep the queues and the exchange that this run has declared. What was there before stays anyway.")
    var keep = false

    func apply(to plan: inout LoadPlan, persistent: Bool) {
        plan.queues = queues
        plan.queuePrefix = queuePrefix
        plan.areQueuesDurable = durable || persistent
        plan.queueArguments = FieldTable(queueArguments.map { FieldTable.Entry(name: $0.name, value: $0.value) })
        plan.exchange = exchange
        plan.exchangeType = exchangeType
        plan.routingKey = routingKey
        plan.bindingKey = bindingKey
        plan.startsFresh = fresh
        plan.keepsTopology = keep
    }
}
