import AMQPProtocol
import Broker
import BrokerServer
import Definitions
import HarrierClient
import NIOSSL
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1))) struct TLSTests {
    /// Definitions with one user that may do everything, who has this name and the password `guest`.
    private static func definitions(user: String) throws -> DefinitionSet {
        try DefinitionLoader.parse(
            text: """
                vhosts: [{name: /}]
                users: [{name: '\(user)', password: guest, tags: []}]
                permissions: [{user: '\(user)', vhost: /, configure: .*, write: .*, read: .*}]
                """,
            file: "test.yaml"
        )
    }

    @Test(arguments: [0, 2]) func aClientLogsInWithItsPassword(ioThreads: Int) async throws {
        try await TestServer.with(ioThreads: ioThreads, configure: { $0.tls = try TLSFixtures.listener(in: $1) }) {
            server in
            let tls = try TLSFixtures.clientConfiguration(showingCertificate: false)
            try await RawClient.with(port: server.port(of: "amqps"), tls: tls) { client in
                try await client.open()
                try await client.send(ConnectionClose(replyCode: .replySuccess))
                guard case .connectionCloseOk = try await client.receiveMethod() else {
                    Issue.record("no connection.close-ok")
                    return
                }
                #expect(try await client.receiveToEnd().isEmpty)
            }
        }
    }

    @Test func theClientTrustsWhomItsURLNames() async throws {
        try await TestServer.with(configure: { $0.tls = try TLSFixtures.listener(in: $1) }) { server in
            let directory = try TemporaryDirectory()
            let authority = try directory.write(TLSFixtures.authority, to: "ca.pem")
            let url = "amqps://guest:guest@localhost:\(server.port(of: "amqps"))"
            let text = try await HarrierConnection.withConnection(to: "\(url)?cacertfile=\(authority)") { connection in
                let channel = try await connection.openChannel()
                try await channel.declareQueue("q")
                try await channel.publishConfirmed("through TLS".utf8, routingKey: "q")
                return try await channel.get(from: "q")?.text
            }
            #expect(text == "through TLS")
            await #expect(throws: AMQPClientError.self) {
                try await HarrierConnection.withConnection(to: url) { _ in }
            }
        }
    }

    @Test(arguments: [
        (TLSListenerConfiguration.LoginFrom.distinguishedName, #"CN=orders,OU=Shop,O=Example\, Inc.,DC=example,C=DE"#),
        (.commonName, "orders"),
    ])
    func aClientLogsInWithItsCertificate(from part: TLSListenerConfiguration.LoginFrom, user: String) async throws {
        try await TestServer.with(
            configure: { configuration, directory in
                configuration.tls = try TLSFixtures.listener(in: directory)
                configuration.tls?.loginFrom = part
                configuration.definitions = try Self.definitions(user: user)
            }
        ) { server in
            let tls = try TLSFixtures.clientConfiguration(showingCertificate: true)
            try await RawClient.with(port: server.port(of: "amqps"), tls: tls) { client in
                try await client.open(mechanism: "EXTERNAL", response: [])
            }
        }
    }

    /// Clients that prefer EXTERNAL to their password would find no user of that name.
    @Test(arguments: [0, 2]) func certificatesLogNobodyInUnlessAsked(ioThreads: Int) async throws {
        try await TestServer.with(ioThreads: ioThreads, configure: { $0.tls = try TLSFixtures.listener(in: $1) }) {
            server in
            let tls = try TLSFixtures.clientConfiguration(showingCertificate: true)
            try await RawClient.with(port: server.port(of: "amqps"), tls: tls) { client in
                try await client.send(Frame.protocolHeader)
                guard case .connectionStart(let start) = try await client.receiveMethod() else {
                    Issue.record("no connection.start")
                    return
                }
                #expect(String(decoding: start.mechanisms, as: UTF8.self) == "PLAIN AMQPLAIN")
            }
        }
    }

    @Test(arguments: [0, 2]) func aClientWithoutARequiredCertificateIsRefused(ioThreads: Int) async throws {
        try await TestServer.with(
            ioThreads: ioThreads,
            configure: { configuration, directory in
                configuration.tls = try TLSFixtures.listener(in: directory)
                configuration.tls?.requiresClientCertificate = true
            }
        ) { server in
            let tls = try TLSFixtures.clientConfiguration(showingCertificate: false)
            await #expect(throws: (any Error).self) {
                try await RawClient.with(port: server.port(of: "amqps"), tls: tls) { client in
                    try await client.open()
                }
            }
        }
    }

    @Test(arguments: [0, 2]) func aClientThatSpeaksNoTLSIsDropped(ioThreads: Int) async throws {
        try await TestServer.with(ioThreads: ioThreads, configure: { $0.tls = try TLSFixtures.listener(in: $1) }) {
            server in
            try await RawClient.with(port: server.port(of: "amqps")) { client in
                try await client.send(Frame.protocolHeader)
                let answer = try await client.receiveToEnd()
                #expect(!answer.starts(with: [1]), "a method frame without TLS")
            }
        }
    }

    @Test func aFileThatIsNoCertificateStopsTheStart() async throws {
        let directory = try TemporaryDirectory()
        var configuration = TestServer.configuration(in: directory)
        var tls = try TLSFixtures.listener(in: directory)
        tls.certificateFile = try directory.write("nothing", to: "nothing.pem")
        configuration.tls = tls
        let error = try await TestServer.startError(configuration) as? TLSFileError
        #expect(error?.description.hasPrefix("cannot use \(tls.certificateFile) for TLS: ") == true)
    }
}
