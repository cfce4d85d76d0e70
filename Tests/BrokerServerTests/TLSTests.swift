import AMQPProtocol
import Broker
import BrokerServer
import Definitions
import NIOSSL
import Testing

@Suite(.timeLimit(.minutes(1))) struct TLSTests {
    private static func listener(in directory: TemporaryDirectory) throws -> TLSListenerConfiguration {
        var tls = TLSListenerConfiguration(
            port: 0,
            certificateFile: try directory.write(TLSFixtures.serverCertificate, to: "server.pem"),
            keyFile: try directory.write(TLSFixtures.serverKey, to: "server.key")
        )
        tls.clientAuthorityFile = try directory.write(TLSFixtures.authority, to: "authority.pem")
        return tls
    }

    private static func start(
        _ change: (inout TLSListenerConfiguration) -> Void = { _ in },
        user: String = "guest"
    ) throws -> (TemporaryDirectory, (inout ServerConfiguration) -> Void) {
        let directory = try TemporaryDirectory()
        var tls = try listener(in: directory)
        change(&tls)
        let definitions = try DefinitionLoader.parse(
            text: """
                vhosts: [{name: /}]
                users: [{name: '\(user)', password: guest, tags: []}]
                permissions: [{user: '\(user)', vhost: /, configure: .*, write: .*, read: .*}]
                """,
            file: "test.yaml"
        )
        return (directory, { [tls] in ($0.tls, $0.definitions) = (tls, definitions) })
    }

    @Test func aClientLogsInWithItsPassword() async throws {
        let (directory, configure) = try Self.start()
        try await TestServer.with(configure: configure) { server in
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
        withExtendedLifetime(directory) {}
    }

    @Test(arguments: [
        (TLSListenerConfiguration.LoginFrom.distinguishedName, #"CN=orders,OU=Shop,O=Example\, Inc.,DC=example,C=DE"#),
        (.commonName, "orders"),
    ])
    func aClientLogsInWithItsCertificate(from part: TLSListenerConfiguration.LoginFrom, user: String) async throws {
        let (directory, configure) = try Self.start({ $0.loginFrom = part }, user: user)
        try await TestServer.with(configure: configure) { server in
            let tls = try TLSFixtures.clientConfiguration(showingCertificate: true)
            try await RawClient.with(port: server.port(of: "amqps"), tls: tls) { client in
                try await client.open(mechanism: "EXTERNAL", response: [])
            }
        }
        withExtendedLifetime(directory) {}
    }

    @Test func aClientWithoutARequiredCertificateIsRefused() async throws {
        let (directory, configure) = try Self.start({ $0.requiresClientCertificate = true })
        try await TestServer.with(configure: configure) { server in
            let tls = try TLSFixtures.clientConfiguration(showingCertificate: false)
            await #expect(throws: (any Error).self) {
                try await RawClient.with(port: server.port(of: "amqps"), tls: tls) { client in
                    try await client.open()
                }
            }
        }
        withExtendedLifetime(directory) {}
    }

    @Test func aClientThatSpeaksNoTLSIsDropped() async throws {
        let (directory, configure) = try Self.start()
        try await TestServer.with(configure: configure) { server in
            try await RawClient.with(port: server.port(of: "amqps")) { client in
                try await client.send(Frame.protocolHeader)
                let answer = try await client.receiveToEnd()
                #expect(!answer.starts(with: [1]), "a method frame without TLS")
            }
        }
        withExtendedLifetime(directory) {}
    }

    @Test func aFileThatIsNoCertificateStopsTheStart() async throws {
        let directory = try TemporaryDirectory()
        var configuration = TestServer.configuration(in: directory)
        var tls = try Self.listener(in: directory)
        tls.certificateFile = try directory.write("nothing", to: "nothing.pem")
        configuration.tls = tls
        let error = try await TestServer.startError(configuration) as? TLSFileError
        #expect(error?.description.hasPrefix("cannot use \(tls.certificateFile) for TLS: ") == true)
    }
}
