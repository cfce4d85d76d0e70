import Broker
import BrokerServer
import Foundation
import Logging
import Testing

/// The broker that the tests talk to: one inside this process, or the one that the environment names.
///
/// The suites hold for RabbitMQ 3.10 as well: `HARRIER_TEST_AMQP_URL=amqp://guest:guest@localhost:5672 swift test
/// --filter Conformance`.
struct BrokerUnderTest: Sendable {
    var host = "127.0.0.1"
    var port: Int
    var user = "guest"
    var password = "guest"
    var virtualHost = "/"
    /// The server, if it is in this process.
    var server: BrokerServer?

    /// The one of the suite, set by `ConformanceTrait`.
    @TaskLocal static var current: BrokerUnderTest?

    private static let url = ProcessInfo.processInfo.environment["HARRIER_TEST_AMQP_URL"]
    static let isForeign = url != nil

    /// The broker at `HARRIER_TEST_AMQP_URL`, if that is set.
    static func foreign() throws -> BrokerUnderTest? {
        guard let url else { return nil }
        let parts = try #require(URLComponents(string: url), "HARRIER_TEST_AMQP_URL is not a URL: \(url)")
        var broker = BrokerUnderTest(port: parts.port ?? 5672)
        // The loopback address by number, since `localhost` may mean an IPv6 address first.
        if let host = parts.host, host != "localhost" { broker.host = host }
        if let user = parts.user { broker.user = user }
        if let password = parts.password { broker.password = password }
        if parts.path.count > 1 { broker.virtualHost = String(parts.path.dropFirst()) }
        return broker
    }

    /// Starts a server on a free port and a temporary folder, runs the body, and takes both away again.
    static func withServer(
        plugins: [any ServerPlugin] = [],
        _ configure: (inout ServerConfiguration) throws -> Void = { _ in },
        _ body: (BrokerUnderTest) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "harrier-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var configuration = ServerConfiguration(broker: BrokerConfiguration(dataDirectory: folder.path))
        configuration.amqpPort = 0
        configuration.drainMilliseconds = 0
        try configure(&configuration)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = try await BrokerServer.start(configuration, plugins: plugins, logger: logger)
        do {
            try await body(BrokerUnderTest(port: server.amqpPort, server: server))
        } catch {
            try await server.shutdown()
            throw error
        }
        try await server.shutdown()
    }

    /// The same for a body that does all at the server, which is the current broker meanwhile.
    static func withOwn(
        _ configure: (inout ServerConfiguration) throws -> Void = { _ in },
        _ body: (BrokerUnderTest) async throws -> Void
    ) async throws {
        try await withServer(configure) { broker in
            try await $current.withValue(broker) { try await body(broker) }
        }
    }
}
