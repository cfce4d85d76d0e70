import AMQPProtocol
import HarrierClient

/// The exchange and the queues of a run: makes them, and removes what it has made.
struct LoadTopology {
    private let plan: LoadPlan
    private let connection: HarrierConnection
    private var madeQueues: [String] = []
    private var hasMadeExchange = false
    /// Messages that were in the queues already.
    private(set) var messagesFound = 0

    init(_ plan: LoadPlan, on connection: HarrierConnection) {
        self.plan = plan
        self.connection = connection
    }

    /// Makes what the plan needs. A run that only consumes needs its queues to be there.
    mutating func prepare() async throws(AMQPClientError) {
        let channel = try await connection.openChannel()
        if plan.producers > 0 { try await makeExchange(on: channel) }
        for index in 0..<plan.queues {
            let name = plan.queueName(index)
            guard plan.producers > 0 else {
                messagesFound += try await channel.checkQueue(name).messageCount
                continue
            }
            if plan.startsFresh { try await channel.deleteQueue(name) }
            let isNew =
                plan.startsFresh
                ? true
                : try await !exists { channel throws(AMQPClientError) in
                    _ = try await channel.checkQueue(name)
                }
            let queue = try await channel.declareQueue(
                name, durable: plan.areQueuesDurable, arguments: plan.queueArguments)
            messagesFound += queue.messageCount
            if isNew { madeQueues.append(name) }
            try await bind(name, on: channel)
        }
        await channel.close()
    }

    private mutating func makeExchange(on channel: HarrierChannel) async throws(AMQPClientError) {
        guard let type = plan.exchangeType else { return }
        let isNew = try await !exists { channel throws(AMQPClientError) in
            try await channel.checkExchange(plan.exchange)
        }
        try await channel.declareExchange(
            plan.exchange, type: ExchangeType(rawValue: type), durable: plan.areQueuesDurable)
        hasMadeExchange = isNew
    }

    private func bind(_ queue: String, on channel: HarrierChannel) async throws(AMQPClientError) {
        guard plan.exchangeType != nil else { return }
        let key = plan.bindingKey ?? (plan.routesByQueueName ? queue : plan.routingKey ?? "")
        // A headers exchange compares with what all messages carry.
        let headers = plan.exchangeType == "headers" ? plan.properties.headers ?? [:] : [:]
        try await channel.bindQueue(queue, to: plan.exchange, routingKey: key, arguments: headers)
    }

    /// The broker closes the channel of who asks for what is not there, so the question has one of its own.
    private func exists(
        _ check: (HarrierChannel) async throws(AMQPClientError) -> Void
    ) async throws(AMQPClientError) -> Bool {
        let channel = try await connection.openChannel()
        do {
            try await check(channel)
            await channel.close()
            return true
        } catch {
            guard error.replyCode == .notFound else { throw error }
            return false
        }
    }

    /// Ready messages in all queues.
    func messageCount() async throws(AMQPClientError) -> Int {
        let channel = try await connection.openChannel()
        var count = 0
        for index in 0..<plan.queues { count += try await channel.checkQueue(plan.queueName(index)).messageCount }
        await channel.close()
        return count
    }

    /// Removes what the run has made, unless it is to stay.
    func cleanUp() async throws(AMQPClientError) {
        guard !plan.keepsTopology, hasMadeExchange || !madeQueues.isEmpty else { return }
        let channel = try await connection.openChannel()
        for name in madeQueues { try await channel.deleteQueue(name) }
        if hasMadeExchange { try await channel.deleteExchange(plan.exchange) }
        await channel.close()
    }
}
