import AMQPProtocol
import Testing

extension Conformance {
    /// SASL: who is let in, and what the others are told.
    @Suite struct Login {
        @Test("PLAIN lets in")
        func plain() async throws {
            try await WireClient.open().expectAlive()
        }

        @Test("PLAIN with an authorization identity, which asks to act for somebody else, never gets through")
        func plainWithIdentity() async throws {
            let client = try await WireClient.connect()
            try await client.begin()
            let (user, password) = (client.broker.user, client.broker.password)
            try await client.startOk("PLAIN", Array("\(user)\0\(user)\0\(password)".utf8))
            try await client.expectRefusedHandshake()
        }

        @Test("AMQPLAIN lets in")
        func amqplain() async throws {
            let client = try await WireClient.connect()
            try await client.begin()
            try await client.startOk("AMQPLAIN", amqplain(client.broker.user, client.broker.password))
            try await client.next(ConnectionTune.self)
            try await client.tune()
            try await client.openVirtualHost()
        }

        @Test("a wrong password is 403, told to a client that can be told", arguments: ["PLAIN", "AMQPLAIN"])
        func wrongPassword(mechanism: String) async throws {
            let client = try await WireClient.connect()
            try await client.begin()
            let user = client.broker.user
            try await client.startOk(
                mechanism, mechanism == "PLAIN" ? Array("\0\(user)\0wrong".utf8) : amqplain(user, "wrong"))
            try await client.expectClose(.accessRefused, refusal(mechanism))
        }

        @Test("an unknown user is told the same as a wrong password")
        func unknownUser() async throws {
            let client = try await WireClient.connect()
            try await client.begin()
            try await client.startOk(user: unique("user"), password: "guest")
            try await client.expectClose(.accessRefused, refusal("PLAIN"))
        }

        @Test("without the capability authentication_failure_close a refused login ends in a closed socket")
        func refusedInSilence() async throws {
            let client = try await WireClient.connect()
            try await client.begin()
            try await client.startOk(user: client.broker.user, password: "wrong", capabilities: [:])
            #expect(try await client.receiveToEnd().isEmpty)
        }

        @Test("an unknown mechanism never gets through", arguments: ["CRAM-MD5", "", "plain", "EXTERNAL"])
        func unknownMechanism(mechanism: String) async throws {
            let client = try await WireClient.connect()
            try await client.begin()
            try await client.startOk(mechanism, Array("\0\(client.broker.user)\0\(client.broker.password)".utf8))
            try await client.expectRefusedHandshake()
        }

        @Test("a garbled response never gets through", arguments: ["PLAIN", "AMQPLAIN"])
        func garbledResponse(mechanism: String) async throws {
            for response in [[], [0], [0, 1, 2, 3], Array("guest:guest".utf8), [UInt8](repeating: 255, count: 64)] {
                let client = try await WireClient.connect()
                try await client.begin()
                try await client.startOk(mechanism, response)
                try await client.expectRefusedHandshake()
            }
        }

        @Test("connection.update-secret is answered, and the connection goes on")
        func updateSecret() async throws {
            let client = try await WireClient.open()
            let update = ConnectionUpdateSecret(newSecret: Array(client.broker.password.utf8), reason: "renewed")
            try await client.call(update, ConnectionUpdateSecretOk.self)
            try await client.expectAlive()
        }

        private func refusal(_ mechanism: String) -> ExpectedText {
            """
            ACCESS_REFUSED - Login was refused using authentication mechanism \(mechanism). \
            For details see the broker logfile.
            """
        }

        /// A field table without its length in front.
        private func amqplain(_ user: String, _ password: String) -> [UInt8] {
            let table: FieldTable = ["LOGIN": .string(user), "PASSWORD": .string(password)]
            return Array(frames { table.encode(into: &$0) }.dropFirst(4))
        }
    }
}
