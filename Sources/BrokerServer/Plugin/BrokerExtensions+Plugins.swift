import Broker

extension BrokerExtensions {
    /// What all of those plugins add.
    public init(plugins: [any ServerPlugin]) {
        self.init()
        for plugin in plugins { plugin.extend(&self) }
    }
}
