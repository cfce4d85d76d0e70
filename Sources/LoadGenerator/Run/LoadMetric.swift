/// One number of a result, with the name that outputs give it. A dot in the name parts a group from what is in it.
public struct LoadMetric: Equatable, Sendable {
    public let name: String
    /// `nil` if there was nothing to measure.
    public let value: Double?
    /// How many digits behind the point mean something.
    public let decimals: Int

    init(_ name: String, _ value: Double?, decimals: Int) {
        self.name = name
        self.value = value
        self.decimals = decimals
    }

    init(_ name: String, count: Int) {
        self.init(name, Double(count), decimals: 0)
    }
}

extension LoadResult {
    /// All numbers, in the order in which they are shown.
    public var metrics: [LoadMetric] {
        var metrics = [
            LoadMetric("published", count: published), LoadMetric("confirmed", count: confirmed),
            LoadMetric("nacked", count: nacked), LoadMetric("returned", count: returned),
            LoadMetric("delivered", count: delivered), LoadMetric("redelivered", count: redelivered),
            LoadMetric("order_errors", count: orderErrors), LoadMetric("foreign", count: foreign),
            LoadMetric("missing", count: missing), LoadMetric("blocked", count: blocked),
            LoadMetric("seconds", seconds, decimals: 3), LoadMetric("publish_rate", publishRate, decimals: 1),
            LoadMetric("delivery_rate", deliveryRate, decimals: 1),
            LoadMetric("mb_per_s", megabytesPerSecond, decimals: 3),
        ]
        metrics += Self.metrics("latency_us", latency) + Self.metrics("confirm_latency_us", confirmLatency)
        if let lateMicrosecondsMax { metrics.append(LoadMetric("late_max_us", lateMicrosecondsMax, decimals: 1)) }
        metrics += [
            LoadMetric("client.cpu_s", clientProcessorSeconds, decimals: 3),
            LoadMetric("client.cpu_us_per_message", clientMicrosecondsPerMessage, decimals: 3),
            LoadMetric("client.cores", clientCores, decimals: 3),
            LoadMetric("client.busiest_thread", clientBusiestThread, decimals: 3),
        ]
        if let broker {
            metrics += [
                LoadMetric("broker.cpu_s", broker.processorSeconds, decimals: 3),
                LoadMetric("broker.cpu_us_per_message", broker.microsecondsPerMessage, decimals: 3),
                LoadMetric("broker.cores", broker.cores, decimals: 3),
                LoadMetric("broker.rss_mib", broker.residentMebibytes, decimals: 1),
                LoadMetric("broker.rss_anon_mib", broker.anonymousMebibytes, decimals: 1),
                LoadMetric("broker.rss_max_mib", broker.residentMebibytesMax, decimals: 1),
                LoadMetric("broker.rss_peak_mib", broker.peakMebibytes, decimals: 1),
            ]
        }
        if let queueDepth { metrics.append(LoadMetric("queue_depth_end", count: queueDepth)) }
        return metrics
    }

    private static func metrics(_ group: String, _ summary: LatencySummary?) -> [LoadMetric] {
        guard let summary else { return [LoadMetric(group, nil, decimals: 1)] }
        return [
            LoadMetric("\(group).min", summary.min, decimals: 1), LoadMetric("\(group).p50", summary.p50, decimals: 1),
            LoadMetric("\(group).p90", summary.p90, decimals: 1), LoadMetric("\(group).p99", summary.p99, decimals: 1),
            LoadMetric("\(group).p99_9", summary.p999, decimals: 1),
            LoadMetric("\(group).max", summary.max, decimals: 1),
        ]
    }
}
