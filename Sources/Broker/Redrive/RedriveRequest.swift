/// Which messages are to be moved, where and how.
public struct RedriveRequest: Sendable {
    public var filter: MessageFilter
    /// Ready and undeliverable ones can be moved: what is in a consumer's hands, or waits for its delay, can't.
    public var states: MessageStates
    public var destination: RedriveDestination
    public var options: RedriveOptions

    public static let movableStates: MessageStates = [.ready, .undeliverable]

    public init(
        filter: MessageFilter = .everything, states: MessageStates = .ready,
        destination: RedriveDestination = .original(.newest), options: RedriveOptions = RedriveOptions()
    ) {
        self.filter = filter
        self.states = states
        self.destination = destination
        self.options = options
    }

    /// In what a plan's request, which knows what its sample is, differs from one that somebody has written down; nil if in
    /// nothing.
    func difference(from written: RedriveRequest) -> String? {
        if filter.text != written.filter.text { return "filter" }
        if states != written.states { return "state" }
        if destination != written.destination { return "destination" }
        var (mine, other) = (options, written.options)
        mine.sample = nil
        other.seed = other.seed ?? mine.seed
        if mine.limit != other.limit { return "limit" }
        if mine.order != other.order || mine.seed != other.seed { return "order" }
        return mine == other ? nil : "option"
    }
}
