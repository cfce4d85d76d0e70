/// How a queue is consumed.
struct SimulatedConsumer {
    let queue: Int
    /// Messages that it can take for each message that is published, whichever queues that goes to.
    let rate: Double
    /// It stays at least so many bytes of log behind the tail.
    var lag: UInt64 = 0
    /// It stops from time to time: on average after, and for, so many bytes of log.
    var pauseAfter = Double.infinity
    var pauseFor = 0.0
    /// It is stopped until the log is so long.
    var pausedUntil: UInt64 = 0
    /// The share of its messages that it puts back, to take them again after so many bytes of log on average.
    var requeueShare = 0.0
    var requeueAfter = 0.0

    // What the run of the workload keeps here.
    var nextPause = UInt64.max
    /// Messages that it can take now.
    var allowance = 0.0
}
