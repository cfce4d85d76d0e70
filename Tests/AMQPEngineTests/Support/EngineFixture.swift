import AMQPProtocol
import Foundation
import Logging
import SegmentLog
import Testing

@testable import AMQPEngine
@testable import Broker

/// A broker on a folder of its own, which goes with it, and connections to it without sockets.
final class EngineFixture {
    let clock = ManualClock()
    let core: BrokerCore
    private let directory: String
    private let logProgress = DispatchSemaphore(value: 0)
    /// Those that have not been dropped. A connection and its transport hold each other until then.
    private var peers: [ObjectIdentifier: EnginePeer] = [:]

    init(_ configure: (inout BrokerConfiguration) -> Void = { _ in }) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "harrier-\(UUID().uuidString)").path
        var configuration = BrokerConfiguration(dataDirectory: directory)
        // What waits for the disk waits all the same; it is only not kept waiting for long.
        configuration.sync = .none
        configure(&configuration)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let logProgress = logProgress
        core = try BrokerCore(
            configuration: configuration, logger: logger, clock: clock, notify: { logProgress.signal() })
        core.createDefaults()
        settle()
    }

    deinit {
        for peer in peers.values { peer.lose() }
        core.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    var host: VirtualHost {
        guard let host = core.virtualHosts["/"] else { preconditionFailure("made by createDefaults") }
        return host
    }

    /// A connection that has said nothing yet.
    func connect() -> EnginePeer {
        let peer = EnginePeer(self)
        peers[ObjectIdentifier(peer)] = peer
        return peer
    }

    func forget(_ peer: EnginePeer) {
        peers[ObjectIdentifier(peer)] = nil
    }

    /// A connection with everything behind it up to open-ok, its answers taken.
    func open(heartbeatSeconds: UInt16 = 0) -> EnginePeer {
        let peer = connect()
        peer.send(EnginePeer.handshake(heartbeatSeconds: heartbeatSeconds))
        _ = peer.takeSent()
        return peer
    }

    /// Ends bursts until nobody waits for the log any more.
    func settle() {
        core.endBurst()
        while !core.connectionsAwaitingDurability.isEmpty || !core.queuesToDeliver.isEmpty {
            if core.nextDeadlineNanoseconds == 0 {
                core.runTimers()
                core.endBurst()
            } else {
                logProgress.wait()
                core.logProgressed()
            }
        }
    }

    /// Moves time, and lets due timers fire.
    func advance(milliseconds: UInt64) {
        clock.advance(milliseconds: milliseconds)
        core.runTimers()
        core.endBurst()
    }

    /// What is left of connections when all are gone: nothing. Queues that outlive them hold nothing for them.
    func expectNothingHeld(at location: SourceLocation = #_sourceLocation) {
        settle()
        #expect(core.connections.isEmpty, sourceLocation: location)
        #expect(core.replyChannels.isEmpty, sourceLocation: location)
        expectQueuesUnused(at: location)
    }

    /// No queue, that one excepted, is in anybody's hands.
    func expectQueuesUnused(except exception: String? = nil, at location: SourceLocation = #_sourceLocation) {
        for queue in host.allQueues where queue.name != exception {
            #expect(queue.unacknowledgedCount == 0, "queue \(queue.name)", sourceLocation: location)
            #expect(queue.consumerCount == 0, "queue \(queue.name)", sourceLocation: location)
            #expect(!queue.isExclusive, "queue \(queue.name)", sourceLocation: location)
        }
    }
}
