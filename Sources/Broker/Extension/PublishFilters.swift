import AMQPProtocol

/// What makes publish filters, as plugins have registered it.
public struct PublishFilters {
    /// Asked about every exchange and every queue that is made, those that a start finds included. Gives `nil` for those
    /// that are to have no filter. Throws 406 for arguments that can't be, which refuses the declare; nothing is written by
    /// then, and nothing may be put into the state yet.
    public typealias MakeFilter = (_ owner: FilterOwner, _ state: ExtensionState) throws(AMQPException) ->
        PublishFilter?

    private var makers: [(name: WireName, make: MakeFilter)] = []
    private var knownArguments: Set<WireName> = []

    init() {}

    /// Adds a kind of filter. Two plugins that register the same name stop the process at its start.
    ///
    /// - Parameters:
    ///   - name: what the filters' states stand under in the log, so it is for ever.
    ///   - knownArguments: names of arguments that mean something to the filter (see
    ///     ``ExchangeTypes/register(_:knownArguments:_:)``).
    public mutating func register(
        _ name: String, knownArguments: [String] = [], _ makeFilter: @escaping MakeFilter
    ) {
        precondition(!makers.contains { $0.name == WireName(name) }, "publish filter \(name) registered twice")
        makers.append((WireName(name), makeFilter))
        self.knownArguments.formUnion(knownArguments.map { WireName($0) })
    }

    func know(_ argument: String) -> Bool { knownArguments.contains(WireName(argument)) }

    /// - Parameters:
    ///   - id: of the exchange or queue.
    ///   - isDurable: it outlives the process.
    func makeFilter(
        for owner: FilterOwner, id: UInt64, isDurable: Bool, core: BrokerCore
    ) throws(AMQPException) -> PublishFilter? {
        var filters: [PublishFilter] = []
        for (name, make) in makers {
            let state = ExtensionState(of: StateOwner(id: id, plugin: name), isDurable: isDurable, core: core)
            if let filter = try make(owner, state) { filters.append(filter) }
        }
        return filters.count > 1 ? FilterChain(filters) : filters.first
    }
}
