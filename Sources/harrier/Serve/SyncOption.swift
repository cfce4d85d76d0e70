import ArgumentParser
import SegmentLog

/// The policies of `--sync`.
enum SyncOption: String, ExpressibleByArgument, CaseIterable {
    case sync
    case interval
    case none

    /// With `interval`: what a power failure may cost.
    static let intervalMilliseconds = 1_000

    var policy: SyncPolicy {
        switch self {
        case .sync: .sync
        case .interval: .interval(milliseconds: Self.intervalMilliseconds)
        case .none: .none
        }
    }
}
