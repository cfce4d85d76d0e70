import Broker

/// A clock that stands until it is moved.
final class ManualClock: BrokerClock {
    private var milliseconds: UInt64 = 1_700_000_000_000

    func monotonicNanoseconds() -> UInt64 { milliseconds * 1_000_000 }
    func wallMilliseconds() -> UInt64 { milliseconds }

    func advance(milliseconds: UInt64) {
        self.milliseconds += milliseconds
    }
}
