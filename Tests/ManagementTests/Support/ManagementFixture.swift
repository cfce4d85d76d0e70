import AMQPProtocol
import AsyncHTTPClient
import BrokerServer
import Definitions
import Foundation
import HarrierClient
import Management
import NIOCore
import NIOHTTP1
import TestServers

/// A server with some users and virtual hosts, asked over its sockets.
struct ManagementFixture: Sendable {
    struct Answer: Sendable {
        let status: Int
        let text: String
        let headers: [String: String]

        /// Fields and elements by names and numbers: `value("items", 0, "id")`.
        func value(_ path: Any...) -> Any? {
            var value = try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
            for step in path {
                if let name = step as? String { value = (value as? [String: Any])?[name] }
                if let index = step as? Int {
                    let elements = value as? [Any]
                    value = elements.flatMap { $0.indices.contains(index) ? $0[index] : nil }
                }
            }
            return value
        }

        func string(_ path: Any...) -> String? { value(spread: path) as? String }
        func integer(_ path: Any...) -> Int? { (value(spread: path) as? NSNumber)?.intValue }
        func count(_ path: Any...) -> Int? { (value(spread: path) as? [Any])?.count }

        /// The texts of that field in each element of the list.
        func strings(_ name: String, in path: Any...) -> [String] {
            (value(spread: path) as? [[String: Any]] ?? []).compactMap { $0[name] as? String }
        }

        private func value(spread path: [Any]) -> Any? {
            switch path.count {
            case 0: value()
            case 1: value(path[0])
            case 2: value(path[0], path[1])
            case 3: value(path[0], path[1], path[2])
            case 4: value(path[0], path[1], path[2], path[3])
            default: value(path[0], path[1], path[2], path[3], path[4])
            }
        }
    }

    private static let definitions = """
        vhosts: [{name: /}, {name: a/b}, {name: empty}]
        users:
        - {name: guest, password: guest, tags: [administrator]}
        - {name: manager, password: "m:secret", tags: [management]}
        - {name: watcher, password: secret, tags: [monitoring]}
        - {name: maker, password: secret, tags: [policymaker]}
        - {name: plain, password: secret, tags: []}
        permissions:
        - {user: guest, vhost: /, configure: .*, write: .*, read: .*}
        - {user: guest, vhost: a/b, configure: .*, write: .*, read: .*}
        - {user: manager, vhost: /, configure: "", write: "", read: "^open"}
        - {user: plain, vhost: /, configure: .*, write: .*, read: .*}
        """

    let server: BrokerServer

    /// - Parameter further: a definition file that comes on top.
    static func with<Result: Sendable>(
        bind: String = "127.0.0.1", definitions further: String = "{}",
        _ body: (ManagementFixture) async throws -> Result
    ) async throws -> Result {
        try await TestServer.with(plugins: [ManagementPlugin(host: bind, port: 0)]) { configuration, directory in
            let file = try directory.write(definitions, to: "definitions.yaml")
            let furtherFile = try directory.write(further, to: "further.yaml")
            configuration.definitions = try DefinitionLoader.load(paths: [file, furtherFile])
        } _: { server in
            try await body(ManagementFixture(server: server))
        }
    }

    var port: Int { server.port(of: "http") }
    var url: String { "http://guest:guest@127.0.0.1:\(port)" }

    /// - Parameter user: name and password with a colon between them; nil for nobody.
    func send(
        _ method: HTTPMethod, _ path: String, user: String? = "guest:guest", host: String = "127.0.0.1",
        body: [UInt8]? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://\(host):\(port)\(path)")
        request.method = method
        if let user {
            request.headers.add(name: "Authorization", value: "Basic \(Data(user.utf8).base64EncodedString())")
        }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let text = String(buffer: try await response.body.collect(upTo: 64 << 20))
        return Answer(
            status: Int(response.status.code), text: text,
            headers: Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first })
    }

    func get(_ path: String, user: String? = "guest:guest") async throws -> Answer {
        try await send(.GET, path, user: user)
    }

    /// A channel of a connection of guest's.
    func withChannel<Result: Sendable>(
        virtualHost: String = "%2F", _ body: (HarrierChannel) async throws -> Result
    ) async throws -> Result {
        let url = "amqp://guest:guest@127.0.0.1:\(server.amqpPort)/\(virtualHost)"
        return try await HarrierConnection.withConnection(to: url) { connection in
            try await body(try await connection.openChannel())
        }
    }
}
