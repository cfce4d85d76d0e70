import HarrierClient
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The broker that the suites below it talk to over a socket.
enum LiveBroker {
    /// Where it is; without one those suites are skipped.
    static let url: String? = getenv("HARRIER_TEST_AMQP_URL").map { String(cString: $0) }

    static let whySkipped: Comment = "set HARRIER_TEST_AMQP_URL to the URL of a broker, for example amqp://localhost"

    /// A channel on a connection of its own.
    static func withChannel(_ body: (HarrierChannel) async throws -> Void) async throws {
        try await HarrierConnection.withConnection(to: try #require(url)) { connection in
            try await connection.withChannel { try await body($0) }
        }
    }

    /// A name that no other test or run has, for what has to be durable or seen by a second connection.
    static func uniqueName(_ what: String) -> String {
        "harrier-client-test-\(what)-\(UInt64.random(in: 0 ... .max))"
    }

    /// A channel, and a queue that is deleted afterwards.
    static func withQueue(
        arguments: FieldTable = [:], _ body: (HarrierChannel, String) async throws -> Void
    ) async throws {
        try await withChannel { channel in
            let queue = try await channel.declareQueue(exclusive: true, arguments: arguments)
            try await body(channel, queue.name)
        }
    }

    /// The error that the work must end in.
    static func error(_ work: () async throws(AMQPClientError) -> Void) async throws -> AMQPClientError {
        do {
            try await work()
        } catch {
            return error
        }
        throw NoError()
    }

    struct NoError: Error {}
}
