import ArgumentParser
import BrokerServer

/// The listener for AMQP over TLS; there is one if `--amqps-port` is given.
struct TLSOptions: ParsableArguments {
    @Option(help: "Port for AMQP over TLS, usually 5671.")
    var amqpsPort: Int?

    @Option(help: "PEM file: the server's certificate, then the ones that lead to the root.")
    var tlsCertificate: String?

    @Option(help: "PEM file: the key of the certificate.")
    var tlsKey: String?

    @Option(help: "PEM file: the authorities that sign clients' certificates. A client may then present one.")
    var tlsCA: String?

    @Flag(help: "Refuse clients without a certificate.")
    var tlsRequireClientCertificate = false

    @Option(
        help: ArgumentHelp(
            "Offer EXTERNAL to clients with a certificate: this part of it is the user name.",
            discussion: "Without it everybody logs in with a password."))
    var tlsLoginFrom: TLSListenerConfiguration.LoginFrom?

    func validate() throws {
        guard let amqpsPort else {
            guard tlsCertificate == nil, tlsKey == nil, tlsCA == nil, !tlsRequireClientCertificate, tlsLoginFrom == nil
            else {
                throw ValidationError("TLS needs a port: --amqps-port")
            }
            return
        }
        guard (0...65_535).contains(amqpsPort) else {
            throw ValidationError("--amqps-port is a number from 0 to 65535, not \(amqpsPort)")
        }
        guard tlsCertificate != nil, tlsKey != nil else {
            throw ValidationError("--amqps-port needs --tls-certificate and --tls-key")
        }
        guard tlsCA != nil || !tlsRequireClientCertificate else {
            throw ValidationError("--tls-require-client-certificate needs --tls-ca")
        }
        guard tlsCA != nil || tlsLoginFrom == nil else { throw ValidationError("--tls-login-from needs --tls-ca") }
    }

    /// `nil` without a port. Call after `validate`.
    func makeConfiguration() -> TLSListenerConfiguration? {
        guard let amqpsPort, let tlsCertificate, let tlsKey else { return nil }
        var configuration = TLSListenerConfiguration(port: amqpsPort, certificateFile: tlsCertificate, keyFile: tlsKey)
        configuration.clientAuthorityFile = tlsCA
        configuration.requiresClientCertificate = tlsRequireClientCertificate
        configuration.loginFrom = tlsLoginFrom
        return configuration
    }
}

extension TLSListenerConfiguration.LoginFrom: ExpressibleByArgument {}
