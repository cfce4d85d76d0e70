import SegmentLog

@testable import Broker

extension BrokerCore {
    /// Records what `body` does as a group whose commit never comes, as a crash in its midst would leave it.
    func asTornGroup(_ body: () throws -> Void) rethrows {
        recordFlags = RecordKind.Flag.member
        try body()
        recordFlags = 0
    }
}
