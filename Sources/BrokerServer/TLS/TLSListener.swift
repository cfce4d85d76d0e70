import NIOCore
import NIOSSL

/// What the TLS listener needs for each connection, made once from its configuration.
struct TLSListener: Sendable {
    private let context: NIOSSLContext
    private let loginFrom: TLSListenerConfiguration.LoginFrom?

    /// Reads the files. Throws `TLSFileError` for one that cannot be used.
    init(_ configuration: TLSListenerConfiguration) throws {
        let chain = try TLSFileError.naming(configuration.certificateFile) { file in
            try NIOSSLCertificate.fromPEMFile(file).map { NIOSSLCertificateSource.certificate($0) }
        }
        let key = try TLSFileError.naming(configuration.keyFile) { file in
            NIOSSLPrivateKeySource.privateKey(try NIOSSLPrivateKey(file: file, format: .pem))
        }
        var settings = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: key)
        settings.minimumTLSVersion = .tlsv12
        if let authorities = configuration.clientAuthorityFile {
            settings.trustRoots = try TLSFileError.naming(authorities) { file in
                .certificates(try NIOSSLCertificate.fromPEMFile(file))
            }
            settings.certificateVerification =
                configuration.requiresClientCertificate ? .noHostnameVerification : .optionalVerification
        }
        context = try TLSFileError.naming(configuration.certificateFile) { _ in
            try NIOSSLContext(configuration: settings)
        }
        loginFrom = configuration.loginFrom
    }

    func makeHandler() -> NIOSSLServerHandler {
        NIOSSLServerHandler(context: context)
    }

    /// Whom the client's certificate names, `nil` without one or where certificates log nobody in. Call on the channel's
    /// loop, after the handshake.
    func peerName(of channel: any Channel) -> String? {
        guard let loginFrom, let certificate = try? channel.pipeline.syncOperations.nioSSL_peerCertificate(),
            let bytes = try? certificate.toDERBytes(), let subject = CertificateSubject(certificate: bytes)
        else { return nil }
        return switch loginFrom {
        case .distinguishedName: subject.distinguishedName
        case .commonName: subject.commonName
        }
    }
}
