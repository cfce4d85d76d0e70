/// What the broker's process used for a run.
public struct BrokerUsage: Sendable {
    public var processorSeconds = 0.0
    /// For each message published (or delivered, without producers).
    public var microsecondsPerMessage: Double?
    public var cores = 0.0
    /// At the end.
    public var residentMebibytes = 0.0
    public var anonymousMebibytes = 0.0
    /// The most that was seen in the run, which looks ten times a second.
    public var residentMebibytesMax = 0.0
    /// The most of the process's life.
    public var peakMebibytes = 0.0
}
