import Histogram

/// Records latencies of one event loop: all of them, and those since somebody last looked.
///
/// What comes together often has the same latency, since a burst is published with one look at the clock and received
/// with another: equal values in a row are counted first, and recorded together.
struct LatencyRecorder {
    private(set) var all = LatencySample()
    private var recent = LatencySample()
    private var runNanoseconds: UInt64 = 0
    private var runCount: UInt64 = 0

    @inline(__always)
    mutating func record(nanoseconds: UInt64) {
        if nanoseconds == runNanoseconds {
            runCount += 1
        } else {
            endRun()
            runNanoseconds = nanoseconds
            runCount = 1
        }
    }

    /// Call when a burst is over.
    @inline(__always)
    mutating func endRun() {
        guard runCount > 0 else { return }
        recent.record(nanoseconds: runNanoseconds, count: runCount)
        runCount = 0
    }

    /// What has been recorded since the last call.
    mutating func takeRecent() -> LatencySample {
        let taken = recent
        all.add(taken)
        recent.reset()
        return taken
    }

    /// Forgets all.
    mutating func reset() {
        recent.reset()
        all.reset()
    }
}
