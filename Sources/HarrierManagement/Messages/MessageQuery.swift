/// Which messages of a queue are meant.
public struct MessageQuery: Sendable, Equatable {
    public enum Body: String, Sendable, CaseIterable {
        /// Bodies are left out.
        case none
        /// As text, if they are that.
        case text
        /// As JSON if they are that, otherwise as text.
        case json
    }

    /// As the command line has it: `reason = rejected and $.country = "NO"`. Nil for all messages.
    public var filter: String?
    /// Empty for all states.
    public var states: Set<QueuedMessage.State>
    public var body: Body

    public init(_ filter: String? = nil, states: Set<QueuedMessage.State> = [], body: Body = .none) {
        self.filter = filter
        self.states = states
        self.body = body
    }

    var statesText: String? {
        states.isEmpty ? nil : states.map(\.rawValue).sorted().joined(separator: ",")
    }

    var pairs: [(String, String)] {
        [("filter", filter), ("state", statesText)].compactMap { name, value in value.map { (name, $0) } }
    }
}
