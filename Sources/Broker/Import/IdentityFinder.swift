import AMQPProtocol

/// Finds which of some identities the messages of a queue have.
final class IdentityFinder: WalkVisitor {
    static let header: StaticString = "x-import-id"

    private var wanted: Set<[UInt8]>
    private(set) var found: Set<[UInt8]> = []

    init(_ wanted: Set<[UInt8]>) { self.wanted = wanted }

    func visit(_ message: WalkedMessage) -> WalkStep {
        guard let list = try? PropertyListView(unchecked: message.view.properties),
            let identity = list.headers?.find(Self.header)?.longString
        else { return .goOn }
        let bytes = Array(identity)
        if wanted.contains(bytes) { found.insert(bytes) }
        return found.count == wanted.count ? .done : .goOn
    }
}
