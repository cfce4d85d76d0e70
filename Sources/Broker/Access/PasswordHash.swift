import Crypto
import FoundationEssentials

/// A salted password hash in RabbitMQ's form: four bytes of salt, then the digest of salt and password. The password
/// itself is never kept.
public struct PasswordHash: Sendable, Equatable {
    /// RabbitMQ's `hashing_algorithm`.
    public enum Algorithm: String, Sendable {
        case sha256 = "rabbit_password_hashing_sha256"
        case sha512 = "rabbit_password_hashing_sha512"
        case md5 = "rabbit_password_hashing_md5"
    }

    static let saltBytes = 4

    let algorithm: Algorithm
    private let saltAndDigest: [UInt8]

    /// - Returns: `nil` if the bytes are too few to hold salt and digest.
    public init?(algorithm: Algorithm, saltAndDigest: [UInt8]) {
        let digestBytes =
            switch algorithm {
            case .sha256: 32
            case .sha512: 64
            case .md5: 16
            }
        guard saltAndDigest.count == Self.saltBytes + digestBytes else { return nil }
        self.algorithm = algorithm
        self.saltAndDigest = saltAndDigest
    }

    /// Reads `password_hash` of a definition file.
    public init?(algorithm: Algorithm, base64: String) {
        guard let data = Data(base64Encoded: base64) else { return nil }
        self.init(algorithm: algorithm, saltAndDigest: Array(data))
    }

    /// Hashes a password with a new random salt, SHA-256.
    public init(hashing password: String) {
        var random = SystemRandomNumberGenerator()
        let salt = withUnsafeBytes(of: UInt32(truncatingIfNeeded: random.next())) { Array($0) }
        algorithm = .sha256
        saltAndDigest = salt + Self.digest(.sha256, salt: salt[...], password: Array(password.utf8))
    }

    /// Compares in constant time.
    public func matches(_ password: [UInt8]) -> Bool {
        let expected = saltAndDigest[Self.saltBytes...]
        let actual = Self.digest(algorithm, salt: saltAndDigest[..<Self.saltBytes], password: password)
        guard expected.count == actual.count else { return false }
        return zip(expected, actual).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func digest(_ algorithm: Algorithm, salt: ArraySlice<UInt8>, password: [UInt8]) -> [UInt8] {
        let input = Array(salt) + password
        switch algorithm {
        case .sha256: return Array(SHA256.hash(data: input))
        case .sha512: return Array(SHA512.hash(data: input))
        case .md5: return Array(Insecure.MD5.hash(data: input))
        }
    }

    // MARK: In the journal

    var journalText: String {
        algorithm.rawValue + ":" + Data(saltAndDigest).base64EncodedString()
    }

    init?(journalText: String) {
        let parts = journalText.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let algorithm = Algorithm(rawValue: String(parts[0])) else { return nil }
        self.init(algorithm: algorithm, base64: String(parts[1]))
    }
}
