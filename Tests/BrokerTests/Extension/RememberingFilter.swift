import AMQPProtocol

@testable import Broker

/// Keeps out messages whose header `id` it has seen, among the last few. What it has seen stands in its state.
final class RememberingFilter: PublishFilter {
    static let argument = "remembers"

    let state: ExtensionState
    private let countMax: Int
    /// By number.
    private(set) var seen: [(number: UInt64, id: String)] = []
    private(set) var accepted: [(id: String, acceptance: Acceptance)] = []
    private(set) var askedCount = 0
    private(set) var recoveredCount = 0
    private var nextNumber: UInt64 = 0

    init(_ state: ExtensionState, countMax: Int) {
        self.state = state
        self.countMax = countMax
        super.init()
        for (number, value) in state.takeRestored() { seen.append((number, String(decoding: value, as: UTF8.self))) }
        seen.sort { $0.number < $1.number }
        nextNumber = (seen.last?.number ?? 0) + 1
    }

    /// On whatever has the argument `remembers`, which says how many.
    static func extensions() -> BrokerExtensions {
        var extensions = BrokerExtensions()
        extensions.publishFilters.register("test") { owner, state throws(AMQPException) in
            guard let value = owner.arguments[argument] else { return nil }
            guard let count = value.integerValue else { throw .channel(.preconditionFailed, "not a number") }
            return RememberingFilter(state, countMax: Int(count))
        }
        return extensions
    }

    var ids: [String] { seen.map(\.id) }

    private static func id(_ publication: Publication) -> String? {
        publication.properties.headers?.find("id")?.longString.map { String(decoding: $0, as: UTF8.self) }
    }

    override func admits(_ publication: Publication, nowMilliseconds: UInt64) -> Bool {
        askedCount += 1
        guard let id = Self.id(publication) else { return true }
        return !seen.contains { $0.id == id }
    }

    override func accepted(_ publication: Publication, _ acceptance: Acceptance) {
        guard let id = Self.id(publication) else { return }
        accepted.append((id, acceptance))
        guard acceptance.isDurable else { return }
        state.put(Array(id.utf8), at: nextNumber)
        seen.append((nextNumber, id))
        nextNumber += 1
        if seen.count > countMax { state.remove(at: seen.removeFirst().number) }
    }

    override func recovered(nowMilliseconds: UInt64) { recoveredCount += 1 }
}
