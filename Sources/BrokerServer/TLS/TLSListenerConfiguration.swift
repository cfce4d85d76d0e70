/// The listener for AMQP over TLS.
public struct TLSListenerConfiguration: Sendable {
    /// What of a client's certificate is the user name under the mechanism EXTERNAL.
    public enum LoginFrom: String, Sendable, CaseIterable {
        /// The subject as RFC 4514 writes it, `CN=orders,O=Example`. RabbitMQ's default as well.
        case distinguishedName = "distinguished-name"
        /// The subject's common name alone.
        case commonName = "common-name"
    }

    /// 0: any free one, see `BrokerServer.amqpsPort`.
    public var port: Int
    /// PEM: the server's certificate, then the ones that lead to the root.
    public var certificateFile: String
    /// PEM, not encrypted.
    public var keyFile: String
    /// PEM with the authorities that sign clients' certificates. With it, a client may present a certificate, and one
    /// that does not verify is refused; without it none is asked for.
    public var clientAuthorityFile: String?
    /// Whether a client without a certificate is refused. Needs `clientAuthorityFile`.
    public var requiresClientCertificate = false
    /// With it, a client that presents a certificate is offered EXTERNAL and may log in with that alone. Without it, as in
    /// RabbitMQ's default, certificates log nobody in: clients that prefer EXTERNAL to the password they were given would
    /// be refused where no user has the certificate's name.
    public var loginFrom: LoginFrom?

    public init(port: Int, certificateFile: String, keyFile: String) {
        self.port = port
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }
}
