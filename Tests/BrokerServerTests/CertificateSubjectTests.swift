import NIOSSL
import Testing

@testable import BrokerServer

@Suite struct CertificateSubjectTests {
    private static func der() throws -> [UInt8] {
        try #require(try NIOSSLCertificate.fromPEMBytes(Array(TLSFixtures.clientCertificate.utf8)).first).toDERBytes()
    }

    @Test func theNameIsWrittenAsRFC4514DoesIt() throws {
        let subject = try #require(CertificateSubject(certificate: Self.der()))
        #expect(subject.distinguishedName == #"CN=orders,OU=Shop,O=Example\, Inc.,DC=example,C=DE"#)
        #expect(subject.commonName == "orders")
    }

    /// A certificate with nothing in it but what leads to the subject, and this subject.
    private static func certificate(attributes: [[UInt8]]) -> [UInt8] {
        func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] { [tag, UInt8(content.count)] + content }
        let names = attributes.flatMap { element(0x31, element(0x30, $0)) }
        let empty = element(0x30, [])
        let signed = element(0x02, [1]) + empty + empty + empty + element(0x30, names)
        return element(0x30, element(0x30, signed))
    }

    @Test func otherStringsAndUnknownAttributesAreRead() throws {
        let subject = try #require(
            CertificateSubject(
                certificate: Self.certificate(attributes: [
                    // 2.5.4.100 in UTF-16, then a common name in Latin-1 with what has to be escaped.
                    [0x06, 3, 0x55, 0x04, 0x64, 0x1e, 4, 0x00, 0x41, 0x20, 0xac],
                    [0x06, 3, 0x55, 0x04, 0x03, 0x14, 6, 0x23, 0xe9, 0x2b, 0x20, 0x3b, 0x20],
                ])
            )
        )
        #expect(subject.distinguishedName == ##"CN=\#é\+ \;\ ,2.5.4.100=A€"##)
        #expect(subject.commonName == "#é+ ; ")
    }

    @Test func cutsAndFlippedBytesNeverCrash() throws {
        let der = try Self.der()
        for count in 0..<der.count { _ = CertificateSubject(certificate: Array(der.prefix(count))) }
        for index in der.indices {
            for bit in 0..<8 as Range<UInt8> {
                var damaged = der
                damaged[index] ^= 1 << bit
                _ = CertificateSubject(certificate: damaged)?.distinguishedName
            }
        }
        #expect(CertificateSubject(certificate: []) == nil)
    }
}
