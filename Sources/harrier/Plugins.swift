import BrokerServer
import Management

/// The plugins that are compiled into this binary. A plugin of yours: add its target to Package.swift and a line here.
enum Plugins {
    static func all(for options: ServeCommand) -> [any ServerPlugin] {
        [
            ManagementPlugin(host: options.bind, port: options.httpPort)
        ]
    }
}
