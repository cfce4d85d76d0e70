import Broker
import BrokerServer
import Foundation

/// A broker of this process for one test, on a free port and with a folder of its own.
enum LoadServer {
    static func with<Result: Sendable>(_ body: (BrokerServer) async throws -> Result) async throws -> Result {
        let directory = FileManager.default.temporaryDirectory.appending(path: "harrier-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        var configuration = ServerConfiguration(broker: BrokerConfiguration(dataDirectory: directory.path))
        configuration.amqpPort = 0
        let server = try await BrokerServer.start(configuration)
        do {
            let result = try await body(server)
            try await server.shutdown()
            return result
        } catch {
            try await server.shutdown()
            throw error
        }
    }
}
