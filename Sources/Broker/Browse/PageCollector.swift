/// Copies messages until a page is full.
final class PageCollector: WalkVisitor {
    private let limit: Int
    private let bodyBytesMax: Int
    private var bytesLeft = BrowseRequest.bytesMax
    private(set) var gate: FilterGate
    private(set) var messages: [BrowsedMessage] = []

    init(_ gate: FilterGate, limit: Int, bodyBytesMax: Int) {
        self.gate = gate
        self.limit = limit
        self.bodyBytesMax = bodyBytesMax
    }

    var purpose: WalkPurpose { .copy }
    var handledCount: Int { messages.count }

    func visit(_ message: WalkedMessage) -> WalkStep {
        let byteCount = BrowsedMessage.byteCount(of: message.view, bodyBytesMax: bodyBytesMax)
        let before = gate
        guard gate.admits(message) else { return gate.step(behind: message) }
        guard byteCount <= bytesLeft || messages.isEmpty else {
            // It is looked at again for the next page.
            gate = before
            return .stopBefore
        }
        bytesLeft -= byteCount
        messages.append(BrowsedMessage(message, bodyBytesMax: bodyBytesMax))
        let step = gate.step(behind: message)
        guard messages.count == limit else { return step }
        if case .done = step { return .done }
        return .stopBehind
    }
}
