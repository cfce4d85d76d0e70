import AMQPProtocol
import SegmentLog

/// A client's connection as the broker sees it, whatever its protocol. Owned and called by the core's loop only.
open class ClientConnection {
    public let core: BrokerCore
    /// Unique in the life of the process.
    public let id: UInt64

    /// Queues that go when the connection goes.
    var exclusiveQueues: [Queue] = []
    @exclusivity(unchecked) var isMarkedForFlush = false
    @exclusivity(unchecked) var waitsForDurability = false

    public init(core: BrokerCore) {
        self.core = core
        self.id = core.makeConnectionID()
    }

    /// Asks for `flush` at the end of the burst. Cheap to repeat.
    @inline(__always)
    public final func markForFlush() {
        guard !isMarkedForFlush else { return }
        isMarkedForFlush = true
        core.connectionsToFlush.append(self)
    }

    /// Asks for `durabilityAdvanced` at the end of the burst, or when the log's durable position moves, and for a sync
    /// if the position is not durable yet.
    public final func waitForDurability(of position: LogPosition) {
        if !core.isDurable(position) { core.isSyncWanted = true }
        guard !waitsForDurability else { return }
        waitsForDurability = true
        core.connectionsAwaitingDurability.append(self)
    }

    /// Leaves what has been received for the next turn, which `turnBegan` tells of. Once a turn at the most.
    public final func yieldTurn() {
        core.yieldedConnections.append(self)
    }

    /// The turn that this connection yielded for has begun.
    open func turnBegan() {
        preconditionFailure("abstract")
    }

    /// A time that was asked for by `BrokerCore.schedule` has come. An earlier one may be meant by it: look.
    open func timerFired(nowNanoseconds: UInt64) {
        preconditionFailure("abstract")
    }

    /// The burst is over: hand the output to the socket.
    open func flush() {
        preconditionFailure("abstract")
    }

    /// More of the log is durable than before. Once for each `waitForDurability`.
    open func durabilityAdvanced() {
        preconditionFailure("abstract")
    }

    /// The broker ends the connection: 320 and a text.
    open func forceClose(_ exception: AMQPException) {
        preconditionFailure("abstract")
    }

    /// Publishers are blocked from now on (a reason), or no longer (`nil`).
    open func resourceAlarmChanged(_ reason: String?) {
        preconditionFailure("abstract")
    }
}
