import HarrierClient
import NIOSSL
import Testing

struct ConnectionURLTests {
    @Test func everyPartIsRead() throws {
        let url = "amqp://us%40er:pa%3Ass@broker.example:5673/my%2Fhost?heartbeat=30&connection_timeout=1500&name=a%20b"
        let configuration = try ConnectionConfiguration(url: url)
        #expect(configuration.host == "broker.example")
        #expect(configuration.port == 5673)
        #expect(configuration.user == "us@er")
        #expect(configuration.password == "pa:ss")
        #expect(configuration.virtualHost == "my/host")
        #expect(configuration.heartbeatSeconds == 30)
        #expect(configuration.connectTimeoutMilliseconds == 1500)
        #expect(configuration.connectionName == "a b")
        #expect(configuration.tls == nil)
    }

    @Test(arguments: ["amqp://", "amqp://localhost", "amqp://localhost/", "AMQP://localhost:5672/%2f", "amqp://:5672"])
    func whatIsLeftOutHasItsDefault(url: String) throws {
        let configuration = try ConnectionConfiguration(url: url)
        #expect(configuration.host == "localhost")
        #expect(configuration.port == 5672)
        #expect(configuration.user == "guest")
        #expect(configuration.password == "guest")
        #expect(configuration.virtualHost == "/")
    }

    @Test func amqpsMeansTLSAndItsPort() throws {
        let configuration = try ConnectionConfiguration(url: "amqps://user@host/vhost")
        #expect(configuration.tls != nil)
        #expect(configuration.port == 5671)
        #expect(configuration.user == "user")
        #expect(configuration.virtualHost == "vhost")
    }

    @Test func whomToTrustStandsInTheQuery() throws {
        let url = "amqps://host?verify=verify_none&server_name_indication=broker.example"
        let configuration = try ConnectionConfiguration(url: url)
        #expect(configuration.tls?.certificateVerification == CertificateVerification.none)
        #expect(configuration.tlsServerName == "broker.example")
        #expect(
            try ConnectionConfiguration(url: "amqps://host?verify=verify_peer").tls?.certificateVerification
                == .fullVerification)
    }

    @Test func addressesOfIPv6StandInBrackets() throws {
        let configuration = try ConnectionConfiguration(url: "amqp://a:b@[::1]:5673/x")
        #expect(configuration.host == "::1")
        #expect(configuration.port == 5673)
        #expect(try ConnectionConfiguration(url: "amqp://[::1]").port == 5672)
    }

    @Test(arguments: [
        "localhost", "http://localhost", "amqp://host:port", "amqp://host:70000", "amqp://host:0", "amqp://host/a/b",
        "amqp://host/%2", "amqp://host/%zz", "amqp://host/%FF", "amqp://[::1", "amqp://[::1]5672",
        "amqp://host?heartbeat=often", "amqp://host?heartbeat=70000", "amqp://host?colour=blue",
        "amqp://host?cacertfile=ca.pem", "amqps://host?verify=perhaps", "amqps://host?cacertfile=/nowhere/ca.pem",
        "amqps://host?keyfile=/nowhere/key.pem",
    ])
    func whatIsNoURLSaysWhy(url: String) {
        let error = #expect(throws: AMQPClientError.self) { try ConnectionConfiguration(url: url) }
        #expect(error?.code == .invalidURL)
        #expect(error?.message.hasPrefix("this is no AMQP URL: ") == true)
    }

    @Test func noErrorRepeatsThePassword() {
        let error = #expect(throws: AMQPClientError.self) {
            try ConnectionConfiguration(url: "amqp://user:secret%@host:99999/%")
        }
        #expect(error?.message.contains("secret") == false)
    }
}
