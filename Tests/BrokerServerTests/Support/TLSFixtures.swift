import BrokerServer
import NIOSSL
import TestServers

/// Certificates for tests, good for a hundred years, with keys that protect nothing.
enum TLSFixtures {
    /// `CN=Test authority`; signed the two others.
    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBuTCCAV+gAwIBAgIUE+kk+aN/N5H4859/qanO1kjFj6cwCgYIKoZIzj0EAwIw
        MTEWMBQGA1UECgwNSGFycmllciB0ZXN0czEXMBUGA1UEAwwOVGVzdCBhdXRob3Jp
        dHkwIBcNMjYxMTIzMDk1ODM1WhgPMjEyNjEwMzAwOTU4MzVaMDExFjAUBgNVBAoM
        DUhhcnJpZXIgdGVzdHMxFzAVBgNVBAMMDlRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI
        zj0CAQYIKoZIzj0DAQcDQgAE+GmXPktk+zFp/6UkqOnJsZ2Q4irS0yEydN8t9d0g
        vhFneS7/S4bPIui1IQojStmNY1RHQdELlSpd+xJJuH00e6NTMFEwHQYDVR0OBBYE
        FEhCo+ILuPnGZ7gHn49MLXg2xl1SMB8GA1UdIwQYMBaAFEhCo+ILuPnGZ7gHn49M
        LXg2xl1SMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgCuV2X0j5
        xUzefhgNeJlMIzzMLnZtNfE19jsjSE7zz+ICIQDrka+sAmYEPVOgAjNrLRoTiFI8
        DJZy/Lc8AYn5MuENrQ==
        -----END CERTIFICATE-----
        """

    /// For `localhost` and 127.0.0.1.
    static let serverCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBpjCCAU2gAwIBAgIUWPWT6doj2vLiE5JYlNVSPz2IyFUwCgYIKoZIzj0EAwIw
        MTEWMBQGA1UECgwNSGFycmllciB0ZXN0czEXMBUGA1UEAwwOVGVzdCBhdXRob3Jp
        dHkwIBcNMjYxMTIzMDk1ODM2WhgPMjEyNjEwMzAwOTU4MzZaMBQxEjAQBgNVBAMM
        CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABAXTjljv5pVZueia
        mOZRlB0xd5P9BsZWXxJ3CQLfaXuzoHQDMiCvucTBQ+f5XWP8mPFoQudaW07uewMC
        oqdiQymjXjBcMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAdBgNVHQ4EFgQU
        sZH0qzt1+HkjjLhlV8pjS3EQ6lMwHwYDVR0jBBgwFoAUSEKj4gu4+cZnuAefj0wt
        eDbGXVIwCgYIKoZIzj0EAwIDRwAwRAIgdMD0latOlhPCFtEE5YpC3bpmrQ7QZqaA
        dDI5z+r2ZFMCIDnpqTvaiSDPgl3+iEKMQAfSiINRGkOtDELll4V5rP2q
        -----END CERTIFICATE-----
        """

    /// Of the server's certificate.
    static let serverKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgLSjXXEL6Y8lgUPts
        g52IJbMutnomdOj/OsqRXv3wCG2hRANCAAQF045Y7+aVWbnompjmUZQdMXeT/QbG
        Vl8SdwkC32l7s6B0AzIgr7nEwUPn+V1j/JjxaELnWltO7nsDAqKnYkMp
        -----END PRIVATE KEY-----
        """

    /// For `CN=orders,OU=Shop,O=Example\\, Inc.,DC=example,C=DE`.
    static let clientCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBjDCCATICFFj1k+naI9ry4hOSWJTVUj89iMhWMAoGCCqGSM49BAMCMDExFjAU
        BgNVBAoMDUhhcnJpZXIgdGVzdHMxFzAVBgNVBAMMDlRlc3QgYXV0aG9yaXR5MCAX
        DTI2MTEyMzA5NTgzNloYDzIxMjYxMDMwMDk1ODM2WjBeMQswCQYDVQQGEwJERTEX
        MBUGCgmSJomT8ixkARkWB2V4YW1wbGUxFjAUBgNVBAoMDUV4YW1wbGUsIEluYy4x
        DTALBgNVBAsMBFNob3AxDzANBgNVBAMMBm9yZGVyczBZMBMGByqGSM49AgEGCCqG
        SM49AwEHA0IABFgJgADDaY4KZ1vFZXfVqRRWAHhr4fTZo7W84rqI1EQS2lpQaFLE
        ACw5I0cXzE/g5He9ldHBO61xmUuPQRdLWz4wCgYIKoZIzj0EAwIDSAAwRQIgaSNW
        VpwZ1crlknGAbk021GRvisym7gkx4mCfSKxhThkCIQDAn1ix7Xxe9J9sMjfYScmH
        YXEVjyqX+8dJje6tere9Eg==
        -----END CERTIFICATE-----
        """

    /// Of the client's certificate.
    static let clientKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgcPnjr8BDepPwmHh+
        vok1L08RsNNfQQacuW9t0KHbZI2hRANCAARYCYAAw2mOCmdbxWV31akUVgB4a+H0
        2aO1vOK6iNREEtpaUGhSxAAsOSNHF8xP4OR3vZXRwTutcZlLj0EXS1s+
        -----END PRIVATE KEY-----
        """

    /// A listener on a free port that takes clients' certificates from the authority.
    static func listener(in directory: TemporaryDirectory) throws -> TLSListenerConfiguration {
        var tls = TLSListenerConfiguration(
            port: 0,
            certificateFile: try directory.write(serverCertificate, to: "server.pem"),
            keyFile: try directory.write(serverKey, to: "server.key")
        )
        tls.clientAuthorityFile = try directory.write(authority, to: "authority.pem")
        return tls
    }

    /// What a client trusts and, if it is to show one, which certificate it shows.
    static func clientConfiguration(showingCertificate: Bool) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(authority.utf8)))
        if showingCertificate {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(clientCertificate.utf8))
                .map { .certificate($0) }
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(clientKey.utf8), format: .pem))
        }
        return configuration
    }
}
