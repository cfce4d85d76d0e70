import AMQPProtocol

/// A message that a filter looks at. What several comparisons need is found once.
struct FilteredMessage {
    let walked: WalkedMessage
    let nowMilliseconds: UInt64
    /// Of the queue that it is in.
    let queueName: UnsafeRawBufferPointer
    /// What all comparisons of the filter together may yet do.
    var work = FilterWork()
    private var found: PropertyListView?
    private var hasLooked = false
    private var foundDeaths: DeathsView?

    init(_ walked: WalkedMessage, nowMilliseconds: UInt64, queueName: UnsafeRawBufferPointer) {
        self.walked = walked
        self.nowMilliseconds = nowMilliseconds
        self.queueName = queueName
    }

    var view: MessageView { walked.view }

    /// Nil if they can't be read, which a checksum would have found.
    var properties: PropertyListView? {
        mutating get {
            if !hasLooked {
                hasLooked = true
                found = try? PropertyListView(unchecked: view.properties)
            }
            return found
        }
    }

    var headers: FieldTableView? {
        mutating get { properties?.headers }
    }

    var deaths: DeathsView {
        mutating get {
            if let foundDeaths { return foundDeaths }
            let deaths = DeathsView(headers)
            foundDeaths = deaths
            return deaths
        }
    }

    func milliseconds(since time: UInt64) -> FilterValue {
        .integer(Int64(clamping: nowMilliseconds - min(nowMilliseconds, time)))
    }
}
