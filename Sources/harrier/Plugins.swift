import BrokerServer
import ConsistentHashExchange
import DelayedMessageExchange
import Management
import MessageDeduplication
import RandomExchange
import RecentHistoryExchange

/// The plugins that are compiled into this binary. A plugin of yours: add its target to Package.swift and a line here.
enum Plugins {
    /// Those that add to the broker itself, and need to be told nothing.
    static let extensions: [any ServerPlugin] = [
        ConsistentHashExchangePlugin(),
        DelayedMessageExchangePlugin(),
        MessageDeduplicationPlugin(),
        RandomExchangePlugin(),
        RecentHistoryExchangePlugin(),
    ]

    static func all(for options: ServeCommand) -> [any ServerPlugin] {
        extensions + [
            ManagementPlugin(host: options.bind, port: options.httpPort)
        ]
    }
}
