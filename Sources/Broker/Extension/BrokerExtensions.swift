/// What plugins add to the broker before its data directory is opened, so that what they had made in an earlier run is
/// found again.
public struct BrokerExtensions {
    public var exchangeTypes = ExchangeTypes()
    public var publishFilters = PublishFilters()

    public init() {}

    /// Whether an argument of an exchange means something to anybody.
    func know(_ argument: String) -> Bool {
        exchangeTypes.know(argument) || publishFilters.know(argument)
    }
}
