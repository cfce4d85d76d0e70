/// Counts silence in both directions. A tick is half a heartbeat interval; no clock in here.
struct HeartbeatMonitor {
    enum Verdict: Equatable {
        case fine
        /// Nothing was written since the last tick, so the broker is to be shown that this side is alive.
        case sendHeartbeat
        /// Nothing was read for two intervals.
        case peerIsGone
    }

    /// Four halves: two intervals, as AMQP 0-9-1 says (section 4.2.7).
    static let silentTicksMax = 4

    private var silentTicks = 0
    private var hasWritten = false

    mutating func didRead() {
        silentTicks = 0
    }

    mutating func didWrite() {
        hasWritten = true
    }

    /// `isReading`: whether the socket is read at present; where it is not, silence says nothing about the broker.
    mutating func tick(isReading: Bool) -> Verdict {
        silentTicks = isReading ? silentTicks + 1 : 0
        // The tick at which the silence began was not a whole one.
        guard silentTicks <= Self.silentTicksMax else { return .peerIsGone }
        defer { hasWritten = false }
        return hasWritten ? .fine : .sendHeartbeat
    }
}
