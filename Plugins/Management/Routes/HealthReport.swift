import Hummingbird

/// The body of `GET /health`.
struct HealthReport: ResponseEncodable {
    struct OpenListener: Encodable {
        let name: String
        let host: String
        let port: Int

        private enum CodingKeys: String, CodingKey {
            case name = "protocol"
            case host
            case port
        }
    }

    /// `ok`, or what the server does instead of serving: `starting`, `draining`, `stopped`.
    let status: String
    let version: String
    let uptimeSeconds: Int
    let listeners: [OpenListener]

    private enum CodingKeys: String, CodingKey {
        case status
        case version
        case uptimeSeconds = "uptime_seconds"
        case listeners
    }
}
