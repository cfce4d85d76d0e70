/// What is sent, and how it is settled: the rows of the performance table, without sockets.
struct Workload {
    let name: String
    let bodyBytes: Int
    var isPersistent = false
    /// Pairs of a producer, a queue and a consumer.
    var pairs = 1
    /// Queues that a fanout exchange copies each message to, with a consumer each; 0 for the default exchange.
    var fanout = 0
    /// Deliveries that one basic.ack settles; 0 for automatic acknowledgement.
    var acknowledgedAtOnce = 0

    var isConfirming: Bool { isPersistent }
    var queueCount: Int { max(pairs, fanout) }

    static let all = [
        Workload(name: "transient-16", bodyBytes: 16),
        Workload(name: "transient-1k", bodyBytes: 1024),
        Workload(name: "persistent-16", bodyBytes: 16, isPersistent: true, acknowledgedAtOnce: 100),
        Workload(name: "persistent-1k", bodyBytes: 1024, isPersistent: true, acknowledgedAtOnce: 100),
        Workload(name: "two-queues-100", bodyBytes: 100, isPersistent: true, pairs: 2, acknowledgedAtOnce: 100),
        Workload(name: "fanout-10-100", bodyBytes: 100, fanout: 10),
    ]
}
