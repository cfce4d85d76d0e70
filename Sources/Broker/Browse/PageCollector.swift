/// Copies messages until a page is full.
final class PageCollector: WalkVisitor {
    private let limit: Int
    private let bodyBytesMax: Int
    private var bytesLeft = BrowseRequest.bytesMax
    private(set) var messages: [BrowsedMessage] = []

    init(limit: Int, bodyBytesMax: Int) {
        self.limit = limit
        self.bodyBytesMax = bodyBytesMax
    }

    func visit(_ message: WalkedMessage) -> WalkStep {
        let byteCount = BrowsedMessage.byteCount(of: message.view, bodyBytesMax: bodyBytesMax)
        guard byteCount <= bytesLeft || messages.isEmpty else { return .stopBefore }
        bytesLeft -= byteCount
        messages.append(BrowsedMessage(message, bodyBytesMax: bodyBytesMax))
        return messages.count == limit ? .stopBehind : .goOn
    }
}
