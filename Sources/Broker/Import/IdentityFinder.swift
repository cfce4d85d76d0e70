import AMQPProtocol

/// Finds which of some identities the messages of a queue have: as imported ones by their header, or as those that were exported
/// from here themselves.
final class IdentityFinder: WalkVisitor {
    static let header: StaticString = "x-import-id"

    private let wanted: Set<[UInt8]>
    /// Those that messages of this very queue would have, by their sequence numbers.
    private var own: [UInt64: [[UInt8]]] = [:]
    private(set) var found: Set<[UInt8]> = []

    init(_ identities: [String], in queue: Queue) {
        wanted = Set(identities.map { Array($0.utf8) })
        for text in identities {
            guard let identity = ExportIdentity(text), identity.queue == ExportIdentity.queueText(queue.name) else {
                continue
            }
            own[identity.message.rawValue, default: []].append(Array(text.utf8))
        }
    }

    func visit(_ message: WalkedMessage) -> WalkStep {
        if let identities = own[message.entry.sequence] {
            let here = ExportIdentity(
                queue: message.queue.name, message: MessageID(rawValue: message.entry.sequence),
                publishedAtMilliseconds: message.view.publishedAtMilliseconds)
            found.formUnion(identities.filter { $0.elementsEqual(here.text.utf8) })
        }
        if let list = try? PropertyListView(unchecked: message.view.properties),
            let identity = list.headers?.find(Self.header)?.longString
        {
            let bytes = Array(identity)
            if wanted.contains(bytes) { found.insert(bytes) }
        }
        return found.count == wanted.count ? .done : .goOn
    }
}
