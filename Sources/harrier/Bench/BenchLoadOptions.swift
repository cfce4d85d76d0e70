import ArgumentParser
import LoadGenerator

/// How much load, how long, and how it is held back.
struct BenchLoadOptions: ParsableArguments {
    enum AckMode: String, CaseIterable, ExpressibleByArgument {
        case auto
        case manual
    }

    @Option(help: "Connections that publish. With several queues each has its share of them.")
    var producers = 1

    @Option(help: "Connections that consume. With several queues each has its share of them.")
    var consumers = 1

    @Flag(help: "Only publish, and leave the messages in the queues (which stay with --keep).")
    var produceOnly = false

    @Flag(help: "Only consume what is in the queues, which have to be there.")
    var consumeOnly = false

    @Option(help: "How long to publish (or consume), in seconds. 10 if there is no --count.")
    var seconds: Double?

    @Option(help: "How many messages to publish (or consume) altogether.")
    var count: Int?

    @Option(help: "Seconds of load in front of what is measured.")
    var warmUp = 0.0

    @Option(help: "So many seconds without a delivery, when all is published, mean that no more come.")
    var idle = 2.0

    @Option(help: "Messages a second for each producer. Without it as many as go; latencies tell more with it.")
    var rate: Double?

    @Option(help: "Deliveries a second for each consumer at most.")
    var consumerRate: Double?

    @Option(help: "Publisher confirms, of which so many may be outstanding for each producer.")
    var confirms: Int?

    @Option(help: "Acknowledge with one basic.ack (multiple) for so many deliveries.")
    var ack: Int?

    @Option(
        help: "auto: deliveries count as acknowledged when they are sent, unless --ack is given; manual: as --ack 1.")
    var ackMode: AckMode?

    @Option(help: "How many deliveries may be under way to a consumer and not acknowledged; 0 for no limit.")
    var prefetch: UInt16 = 0

    @Option(help: "Threads for the connections. As many as there are processors, if there are as many connections.")
    var threads: Int?

    func validate() throws {
        if produceOnly, consumeOnly { throw ValidationError("--produce-only and --consume-only exclude each other") }
        if ack != nil, ackMode == .auto { throw ValidationError("--ack and --ack-mode auto exclude each other") }
    }

    func apply(to plan: inout LoadPlan, processors: Int) {
        plan.producers = consumeOnly ? 0 : producers
        plan.consumers = produceOnly ? 0 : consumers
        plan.messageCount = count
        plan.seconds = seconds ?? (count == nil && plan.producers > 0 ? 10 : nil)
        plan.warmUpSeconds = warmUp
        plan.idleSeconds = idle
        plan.producerRate = rate
        plan.consumerRate = consumerRate
        plan.confirmWindow = confirms
        if let interval = ack ?? (ackMode == .manual ? 1 : nil) { plan.acknowledgement = .manual(every: interval) }
        plan.prefetch = prefetch
        plan.threads = threads ?? max(1, min(processors, producers + consumers))
    }
}
