import AMQPProtocol
import Routing

// Exchanges that keep the last messages for queues that are bound later (`Router.historyLength`). They stand in an internal
// queue of each, which is of limited length.

extension VirtualHost {
    private static let historyPrefix = "amq.harrier.history."

    /// Adds the exchange's history to the message's destinations, if the message is to be kept.
    @inline(never)
    func keep(_ publication: Publication, inHistoryOf exchange: Exchange) {
        guard exchange.id != 0, exchange.router.keepsInHistory(publication.properties) else { return }
        filterRound.hasHistory = true
        collector.insert(history(of: exchange).destination)
    }

    private func history(of exchange: Exchange) -> Queue {
        if let history = exchange.history { return history }
        let history = internalQueue(
            Self.historyPrefix + "\(exchange.id)", isDurable: exchange.isDurable,
            arguments: ["x-max-length": .int64(Int64(exchange.historyLength))])
        exchange.history = history
        return history
    }

    /// Finds the histories of exchanges that a start has found.
    func restoreHistories() {
        for exchange in allExchanges where exchange.historyLength > 0 {
            exchange.history = internalQueues[Self.historyPrefix + "\(exchange.id)"]
        }
    }

    /// Gives what the exchange has kept to what has been bound to it.
    func replayHistory(of exchange: Exchange, to target: BindingTarget) {
        guard let history = exchange.history else { return }
        // Down to its length.
        if history.isMarkedForDelivery { history.deliverReady() }
        HistoryReplay(history, to: target).advance()
    }

    /// Publishes a kept message to the queue, or to the exchange, that has been bound.
    func publishKept(_ message: MessageView, to target: BindingTarget) {
        guard let properties = try? PropertiesView(validating: message.properties) else { return }
        var publication = Publication(
            exchange: message.exchange, routingKey: message.routingKey, properties: properties,
            propertyBytes: message.properties, body: message.body,
            expirationMilliseconds: message.expires ? message.expirationMilliseconds : nil)
        publication.blindKeyBytes = message.blindKeyBytes
        publication.hasOwnDeaths = message.hasOwnDeaths
        collector.clear()
        switch target {
        case .queue(let queue): collector.insert(queue.destination)
        case .exchange(let exchange):
            let keys = properties.headers.flatMap { try? SenderSelectedDistribution(PublishHeaders($0)) }?.routingKeys
            route(publication, from: exchange, furtherKeys: keys ?? [], asking: .none)
        }
        _ = enqueue(publication, asking: .none)
    }
}
