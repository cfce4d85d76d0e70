import AMQPProtocol
import Foundation
import TestServers
import Testing

/// What the broker takes of the machine, and gives back.
@Suite struct ResourceTests {
    private static let connectionCount = 1_000
    private static let channelCount: UInt16 = 10
    private static let growthKibibytesMax = 4 << 10
    /// What ten thousand channels may leave in the allocator, over what the broker took before.
    private static let keptKibibytesMax = 16 << 10
    #if DEBUG
        /// A debug build is larger itself, by its unoptimised code.
        private static let idleKibibytesMax = 64 << 10
    #else
        private static let idleKibibytesMax = 30 << 10
    #endif

    @Test("a thousand connections with ten channels each leave no descriptors and no memory behind")
    func connectionsComeAndGo() async throws {
        try Self.raiseOpenFileLimit()
        let directory = try TemporaryDirectory()
        let broker = try await BrokerProcess.start(in: directory)
        let idleKibibytes = try broker.residentKibibytes()
        #expect(idleKibibytes <= Self.idleKibibytesMax)
        let descriptors = try broker.openDescriptorCount()
        var residentKibibytes: [Int] = []
        // After the first round the allocator's free memory is in pieces that fit the second only in part; from then on
        // it is enough. A leak of a byte for each channel would be forty rounds away from being seen, one of an object
        // for each would not.
        for round in 1...3 {
            try await Self.openAndClose(port: broker.amqpPort, connectionCount: Self.connectionCount)
            #expect(try await Self.descriptorCount(of: broker, atMost: descriptors) <= descriptors, "round \(round)")
            residentKibibytes.append(try broker.residentKibibytes())
        }
        #expect(residentKibibytes[2] <= residentKibibytes[1] + Self.growthKibibytesMax, "\(residentKibibytes)")
        // Not over what was measured when idle: some of what the start has touched is not resident then.
        let residentKibibytesMax = Self.idleKibibytesMax + Self.keptKibibytesMax
        #expect(residentKibibytes.allSatisfy { $0 <= residentKibibytesMax }, "\(residentKibibytes)")
    }

    /// All of them are open at the same time.
    private static func openAndClose(port: Int, connectionCount: Int) async throws {
        try await Blocking.run {
            var clients: [WireClient] = []
            for _ in 0..<connectionCount {
                let client = try WireClient(port: port)
                for channel in 1...channelCount { client.send(ChannelOpen(), channel: channel) }
                try client.flush()
                clients.append(client)
            }
            for client in clients {
                for _ in 1...channelCount {
                    guard case .method(.channelOpenOk, _) = try client.next() else {
                        throw WireClient.Failure.unexpected("no channel.open-ok")
                    }
                }
            }
            for client in clients { try client.close() }
        }
    }

    /// The broker closes its side of a connection once it has sent the last word: the count is taken again, a connection
    /// later each time, until it is down.
    private static func descriptorCount(of broker: BrokerProcess, atMost wanted: Int) async throws -> Int {
        var count = Int.max
        for _ in 0..<100 {
            count = try broker.openDescriptorCount()
            if count <= wanted { break }
            let port = broker.amqpPort
            try await Blocking.run { try WireClient(port: port).close() }
        }
        return count
    }

    /// As many as the hard limit allows, which has to be enough for the connections of both processes.
    private static func raiseOpenFileLimit() throws {
        var limit = rlimit()
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(files, &limit) == 0 else { throw POSIXError(.EINVAL) }
        limit.rlim_cur = limit.rlim_max
        guard setrlimit(files, &limit) == 0 else { throw POSIXError(.EINVAL) }
    }
}
