/// What the connections of one event loop record together, and only there: histograms are too large to have one for
/// each of thousands of connections.
final class LoopRecorders {
    /// From publish to delivery.
    var delivery = LatencyRecorder()
    /// From publish to confirm.
    var confirm = LatencyRecorder()

    func reset() {
        delivery.reset()
        confirm.reset()
    }
}
