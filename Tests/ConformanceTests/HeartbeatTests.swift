import AMQPProtocol
import Testing

extension Conformance {
    /// Heartbeats of 1 s, the shortest interval, and of 2 s where this process has to be in time, with many tests beside it. What
    /// passes the time here is the server's own heartbeats.
    @Suite struct Heartbeats {
        @Test("a peer that is silent for two intervals is cut off")
        func silentPeer() async throws {
            let client = try await WireClient.open(heartbeatSeconds: 1)
            let start = ContinuousClock.now
            try await client.expectEnd()
            #expect(ContinuousClock.now - start > .milliseconds(1500))
            #expect(client.heartbeatCount >= 2)
        }

        @Test("a peer that sends heartbeats is not, and gets the server's")
        func livelyPeer() async throws {
            let client = try await WireClient.open(heartbeatSeconds: 2)
            let start = ContinuousClock.now
            while ContinuousClock.now - start < .seconds(8) {
                let frame = try await client.nextFrameOfAnyType()
                #expect(frame.type == .heartbeat && frame.channel == 0 && frame.payload.isEmpty)
                try await client.sendHeartbeat()
            }
            try await client.expectAlive()
        }

        @Test("any other traffic is as good as a heartbeat")
        func busyPeer() async throws {
            let client = try await WireClient.open(heartbeatSeconds: 2)
            let publisher = try await client.openChannel()
            let queue = try await publisher.declareQueue()
            let start = ContinuousClock.now
            while ContinuousClock.now - start < .seconds(8) {
                _ = try await client.nextFrameOfAnyType()
                try await publisher.publish("busy", key: queue)
            }
            #expect(try await publisher.getMessage(queue).text == "busy")
        }
    }
}
