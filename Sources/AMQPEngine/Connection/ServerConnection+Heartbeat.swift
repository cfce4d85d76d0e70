import AMQPProtocol
import Broker
import Logging

extension ServerConnection {
    private static let nanosecondsPerSecond: UInt64 = 1_000_000_000

    /// Two looks an interval: often enough to send our own in time and to notice silence soon.
    func scheduleHeartbeat() {
        guard heartbeatSeconds > 0 else { return }
        let half = UInt64(heartbeatSeconds) * Self.nanosecondsPerSecond / 2
        nextHeartbeatNanoseconds = core.nowNanoseconds + half
        core.schedule(self, atNanoseconds: nextHeartbeatNanoseconds)
    }

    func look(atNanoseconds nowNanoseconds: UInt64) {
        switch phase {
        case .closed: return
        case .awaitingCloseOk, .awaitingEnd:
            if nowNanoseconds >= closingDeadlineNanoseconds { closeSocket() }
        case .awaitingProtocolHeader, .awaitingStartOk, .awaitingTuneOk, .awaitingOpen:
            guard nowNanoseconds >= handshakeDeadlineNanoseconds else {
                scheduleHeartbeat()
                return
            }
            logger.warning("no complete handshake in time", metadata: ["phase": "\(phase)"])
            closeSocket()
        case .open:
            checkHeartbeat(nowNanoseconds)
            for channel in channels.values { channel.checkTimeouts(nowNanoseconds) }
        }
    }

    private func checkHeartbeat(_ now: UInt64) {
        guard heartbeatSeconds > 0, now >= nextHeartbeatNanoseconds else { return }
        let interval = UInt64(heartbeatSeconds) * Self.nanosecondsPerSecond
        // A connection that is not read because of an alarm or a disk operation is not silent.
        if acceptsInput, now - min(now, lastReceivedNanoseconds) >= 2 * interval {
            logger.warning("missed heartbeats", metadata: ["timeoutSeconds": "\(heartbeatSeconds)"])
            closeSocket()
            return
        }
        if now - min(now, lastSentNanoseconds) >= interval / 2 {
            output.appendHeartbeat()
            markForFlush()
        }
        scheduleHeartbeat()
    }
}
