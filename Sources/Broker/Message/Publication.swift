import AMQPProtocol

/// A message on its way in: everything points into the read buffer or into the channel's own scratch memory, and is
/// valid for the call that it is handed to.
public struct Publication {
    public var exchange: UnsafeRawBufferPointer
    public var routingKey: UnsafeRawBufferPointer
    /// Validated property flags and list.
    public var properties: PropertiesView
    public var propertyBytes: UnsafeRawBufferPointer
    public var body: UnsafeRawBufferPointer
    /// Per-message TTL in milliseconds; `nil` for none.
    public var expirationMilliseconds: UInt64?
    /// The keys of a `BCC` header that was taken out (`RoutingKeyList`); empty without one.
    var blindKeyBytes = UnsafeRawBufferPointer(start: nil, count: 0)
    /// What its headers say of deaths was written by the broker.
    var hasOwnDeaths = false

    public init(
        exchange: UnsafeRawBufferPointer,
        routingKey: UnsafeRawBufferPointer,
        properties: PropertiesView,
        propertyBytes: UnsafeRawBufferPointer,
        body: UnsafeRawBufferPointer,
        expirationMilliseconds: UInt64?
    ) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.properties = properties
        self.propertyBytes = propertyBytes
        self.body = body
        self.expirationMilliseconds = expirationMilliseconds
    }

    var isPersistent: Bool { properties.deliveryMode == 2 }

    /// Checks the headers that mean something to the broker, as `VirtualHost.publish` does.
    ///
    /// - Throws: 406 if `CC` or `BCC` is not an array of strings, or `x-delay` or `x-deliver-at` no time.
    public func checkHeaders(nowMilliseconds: UInt64) throws(AMQPException) {
        guard let headers = properties.headers.map({ PublishHeaders($0) }) else { return }
        _ = try SenderSelectedDistribution(headers)
        _ = try headers.delayMilliseconds(now: nowMilliseconds)
    }
}

/// What became of a publish.
public enum PublishOutcome: Equatable, Sendable {
    /// In all its queues; a confirm may follow once what the log holds so far is durable (at once if the message is
    /// not persistent or no target is durable).
    case enqueued(mustBeDurable: Bool)
    /// A filter has kept it out: it counts as taken. A confirm may follow once what the log holds so far is durable.
    case filtered
    /// No queue wanted it: returned if mandatory, confirmed either way.
    case unroutable
    /// A queue that is full refuses it (`x-overflow: reject-publish`): the confirm is a nack.
    case rejected
}
