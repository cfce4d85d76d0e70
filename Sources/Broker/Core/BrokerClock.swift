/// The time, as the core sees it; injected, so that tests and simulations can turn it.
public protocol BrokerClock: AnyObject {
    /// Monotonic.
    func monotonicNanoseconds() -> UInt64
    /// Since 1970.
    func wallMilliseconds() -> UInt64
}
