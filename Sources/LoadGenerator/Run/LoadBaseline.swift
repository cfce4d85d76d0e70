/// What there was when measuring began.
struct LoadBaseline: Sendable {
    var time: UInt64 = 0
    var totals = LoadTotals()
    /// Of each event loop's thread.
    var loopProcessorSeconds: [Double] = []
    var clientProcessorSeconds = 0.0
    var broker: ProcessUsage?
}
