import AMQPProtocol

/// What a plugin remembers of one exchange or queue: small values by number, in the broker's log. They are there after a
/// restart or a crash, and go with the exchange or queue.
///
/// A value costs some 60 bytes of memory, and in the log its own size and some 90 bytes. All values of all states are
/// read at the start.
public final class ExtensionState {
    /// Size of a value in bytes.
    public static let valueBytesMax = 4096

    private unowned let core: BrokerCore
    private let owner: StateOwner
    private var restored: [UInt64: [UInt8]]
    /// Whether anything is kept: the state of what does not outlive the process does not either. Putting into it is then
    /// without effect.
    public let isDurable: Bool

    init(of owner: StateOwner, isDurable: Bool, core: BrokerCore) {
        self.core = core
        self.owner = owner
        self.isDurable = isDurable
        restored = core.restoredStates.removeValue(forKey: owner) ?? [:]
    }

    /// What the start found. For one caller: they are not kept here.
    public func takeRestored() -> [UInt64: [UInt8]] {
        defer { restored = [:] }
        return restored
    }

    /// Records a value, in place of the one that had the number before. Durable once the log is synced up to its present
    /// tail, which a confirm of the message that is being accepted waits for.
    public func put(_ value: [UInt8], at number: UInt64) {
        precondition(value.count <= Self.valueBytesMax, "a value of \(value.count) bytes")
        guard isDurable else { return }
        core.journal.put(.extensionState(owner, number: number), ["value": .bytes(value)])
    }

    /// Records that there is no value of that number any more.
    public func remove(at number: UInt64) {
        core.journal.delete(.extensionState(owner, number: number))
    }
}
