import SegmentLog

@testable import Broker

extension BrokerCore {
    /// Opens a group in the log and never ends it, as a crash in its midst would leave it.
    func beginTornGroup() {
        _ = log.append(kind: RecordKind.groupBegin.rawValue, payloadCount: 0, references: 0) { _ in }
    }
}
