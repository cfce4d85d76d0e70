import ArgumentParser
import HarrierClient

/// One of the brokers that get the load.
struct BenchBroker: Sendable {
    let configuration: ConnectionConfiguration
    let processID: Int32?

    /// `option` is where the URL came from.
    init(url: String, option: String, processID: Int32?) throws {
        do {
            configuration = try ConnectionConfiguration(url: url)
        } catch {
            throw ValidationError("\(option): \(error)")
        }
        self.processID = processID
    }

    /// Which broker it is, for people: without user and password.
    var name: String {
        let scheme = configuration.tls == nil ? "amqp" : "amqps"
        let vhost = configuration.virtualHost == "/" ? "" : "/\(configuration.virtualHost)"
        return "\(scheme)://\(configuration.host):\(configuration.port)\(vhost)"
    }
}
