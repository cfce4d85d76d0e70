/// Counts messages.
final class MessageCounter: WalkVisitor {
    private(set) var gate: FilterGate
    private(set) var bytes = 0

    init(_ gate: FilterGate) { self.gate = gate }

    func visit(_ message: WalkedMessage) -> WalkStep {
        if gate.admits(message) { bytes += message.view.bodyCount }
        return gate.step(behind: message)
    }
}
