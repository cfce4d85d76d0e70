/// How a run goes, told about once a second.
public struct LoadProgress: Sendable {
    /// Since the start of what is measured; negative in the warm-up.
    public let seconds: Double
    /// Messages a second since the last report.
    public let publishRate: Double
    public let confirmRate: Double
    public let deliveryRate: Double
    /// Publishes that await their confirms.
    public let unconfirmed: Int
    /// Since the last report.
    public let latency: LatencySummary?
    public let confirmLatency: LatencySummary?
    /// How often the broker has said connection.blocked, so far.
    public let blocked: Int
}
