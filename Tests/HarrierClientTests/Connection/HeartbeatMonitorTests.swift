import Testing

@testable import HarrierClient

struct HeartbeatMonitorTests {
    @Test func silenceOfThisSideIsBroken() {
        var monitor = HeartbeatMonitor()
        monitor.didWrite()
        #expect(monitor.tick(isReading: true) == .fine)
        #expect(monitor.tick(isReading: true) == .sendHeartbeat)
        monitor.didWrite()
        #expect(monitor.tick(isReading: true) == .fine)
    }

    @Test func silenceOfTheOtherSideEndsItAfterTwoIntervals() {
        var monitor = HeartbeatMonitor()
        for _ in 0..<3 { _ = monitor.tick(isReading: true) }
        monitor.didRead()
        for _ in 0..<4 { #expect(monitor.tick(isReading: true) != .peerIsGone) }
        #expect(monitor.tick(isReading: true) == .peerIsGone)
    }

    @Test func whoDoesNotReadHearsNothing() {
        var monitor = HeartbeatMonitor()
        for _ in 0..<100 { #expect(monitor.tick(isReading: false) != .peerIsGone) }
    }
}
