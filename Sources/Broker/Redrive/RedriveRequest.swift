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
}
