import Foundation

/// Where a management API is, and who asks it.
public struct ManagementEndpoint: Sendable {
    /// Without user and password, and without a slash at its end.
    public let base: String
    let authorization: String

    /// - Parameter url: `http://user:password@host:port`, or `https`; `guest` and `guest` if no user is named.
    /// - Returns: nil for what is no such address.
    public init?(url: String) {
        guard var parts = URLComponents(string: url), parts.scheme == "http" || parts.scheme == "https",
            let host = parts.host, !host.isEmpty
        else { return nil }
        let user = parts.user ?? "guest"
        let password = parts.password ?? "guest"
        authorization = "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
        parts.user = nil
        parts.password = nil
        parts.query = nil
        parts.fragment = nil
        guard let text = parts.string else { return nil }
        base = text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// - Parameters:
    ///   - path: the segments below `/api`, each encoded here.
    ///   - query: names and values, likewise.
    func url(_ path: [String], _ query: [(String, String)] = []) -> String {
        let segments = (["api"] + path).map(Self.encode)
        let pairs = query.map { "\(Self.encode($0.0))=\(Self.encode($0.1))" }
        return "\(base)/\(segments.joined(separator: "/"))" + (pairs.isEmpty ? "" : "?\(pairs.joined(separator: "&"))")
    }

    /// All but RFC 3986's unreserved characters.
    static func encode(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return encoded
    }
}
