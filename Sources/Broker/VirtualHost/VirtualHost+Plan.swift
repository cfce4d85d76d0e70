import AMQPProtocol
import Routing

extension VirtualHost {
    /// The queue that would refuse a publish behind those that are planned already, whatever it does with what it refuses; nil
    /// if none would, and then it is planned as well. No message is touched: a transaction that can't be carried out whole is not begun.
    ///
    /// What a consumer may take at once is given the benefit of the doubt, and so is what is to be delivered later.
    ///
    /// - Throws: 406 for headers that `publish` would not take either.
    public func queueRefusing(
        _ publication: Publication, to exchange: Exchange, behind planned: inout PlannedEnqueues
    ) throws(AMQPException) -> Queue? {
        collector.clear()
        var furtherKeys: [[UInt8]] = []
        if let headers = publication.properties.headers.map({ PublishHeaders($0) }) {
            furtherKeys = try SenderSelectedDistribution(headers)?.routingKeys ?? []
            guard try headers.delayMilliseconds(now: core.nowMilliseconds) == nil else { return nil }
        }
        route(publication, from: exchange, furtherKeys: furtherKeys, asking: .none)
        filterRound.reset()
        for index in 0..<collector.count {
            guard let queue = queue(at: collector[index]), queue.mayRefuse else { continue }
            var share = planned.shares[queue.id] ?? PlannedEnqueues.Share()
            share.messageCount += 1
            share.byteCount += publication.body.count
            guard
                queue.consumerCount > 0
                    || queue.hasRoom(forMessages: share.messageCount, forBytes: share.byteCount)
            else { return queue }
            planned.shares[queue.id] = share
        }
        return nil
    }
}
