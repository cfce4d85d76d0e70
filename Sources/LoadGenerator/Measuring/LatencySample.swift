import Histogram

/// Latencies in nanoseconds, in an HdrHistogram: values keep three digits, and none below half a microsecond is told
/// from another.
struct LatencySample: Sendable {
    /// What is longer than an hour counts as an hour.
    static let nanosecondsMax: UInt64 = 3_600_000_000_000
    private static let resolutionNanoseconds: UInt64 = 1000

    private var histogram = Histogram<UInt64>(
        lowestDiscernibleValue: Self.resolutionNanoseconds, highestTrackableValue: Self.nanosecondsMax,
        numberOfSignificantValueDigits: .three)
    private var nanosecondsLeast = UInt64.max
    private var nanosecondsMost: UInt64 = 0

    var count: Int { Int(histogram.totalCount) }

    @inline(__always)
    mutating func record(nanoseconds: UInt64, count: UInt64) {
        let value = min(nanoseconds, Self.nanosecondsMax)
        histogram.record(value, count: count)
        if value < nanosecondsLeast { nanosecondsLeast = value }
        if value > nanosecondsMost { nanosecondsMost = value }
    }

    mutating func add(_ other: LatencySample) {
        histogram.add(other.histogram)
        nanosecondsLeast = min(nanosecondsLeast, other.nanosecondsLeast)
        nanosecondsMost = max(nanosecondsMost, other.nanosecondsMost)
    }

    mutating func reset() {
        guard count > 0 else { return }
        histogram.reset()
        nanosecondsLeast = .max
        nanosecondsMost = 0
    }

    /// `nil` if nothing was recorded.
    var summary: LatencySummary? {
        guard count > 0 else { return nil }
        return LatencySummary(
            count: count, min: microseconds(nanosecondsLeast), p50: microseconds(at: 50), p90: microseconds(at: 90),
            p99: microseconds(at: 99), p999: microseconds(at: 99.9), max: microseconds(nanosecondsMost))
    }

    private func microseconds(at percentile: Double) -> Double {
        // The histogram answers with the end of the value's range, which may be beyond the longest.
        microseconds(min(max(histogram.valueAtPercentile(percentile), nanosecondsLeast), nanosecondsMost))
    }

    private func microseconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) / 1000 }
}
