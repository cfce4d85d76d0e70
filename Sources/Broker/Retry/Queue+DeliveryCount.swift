import AMQPProtocol

extension Queue {
    /// The properties that a message is redelivered with, where they are not those that it was published with: a quorum
    /// queue adds how often the message has come back, and how often of these as a failure, as RabbitMQ's do.
    ///
    /// - Parameter isFetched: for basic.get, whose messages have the count even if it is 0.
    /// - Returns: their bytes as in a content header; nil if the message's own will do.
    public func redeliveryProperties(of entry: QueueEntry, _ message: MessageView, isFetched: Bool) -> [UInt8]? {
        guard settings.type == .quorum, let count = returnCounts[entry.sequence] ?? (isFetched ? ReturnCount() : nil),
            var properties = try? BasicProperties(decoding: message.properties)
        else { return nil }
        var headers = properties.headers ?? FieldTable()
        headers["x-delivery-count"] = .int64(Int64(count.failed))
        if count.acquired > 0 { headers["x-acquired-count"] = .int64(Int64(count.acquired)) }
        properties.headers = headers
        var buffer = WireBuffer()
        properties.encode(into: &buffer)
        return Array(buffer.bytes)
    }
}
