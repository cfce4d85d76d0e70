import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// Asks a management API.
struct ManagementClient {
    /// Of one answer, in bytes; a page of messages is smaller.
    private static let answerBytesMax = 64 << 20
    private static let timeout = TimeAmount.seconds(60)
    /// Of a look at very many messages beside others' load.
    private static let longTimeout = TimeAmount.minutes(30)

    private let endpoint: ManagementEndpoint
    private let http: HTTPClient

    /// Runs `body` with a client, which is closed afterwards.
    static func with<Result>(
        _ endpoint: ManagementEndpoint, _ body: (ManagementClient) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(10)
        // A refused connection is told at once.
        configuration.connectionPool.retryConnectionEstablishment = false
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let result = try await body(ManagementClient(endpoint: endpoint, http: http))
            try await http.shutdown()
            return result
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    /// - Returns: the answer's JSON, as `JSONSerialization` reads it.
    func get(_ path: [String], _ query: [(String, String)] = []) async throws(ManagementError) -> Any {
        let bytes = try await send(.GET, path, query)
        guard let value = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed) else {
            throw .notUnderstood(base: endpoint.base)
        }
        return value
    }

    /// The answer as a list of objects.
    func list(_ path: [String]) async throws(ManagementError) -> [ManagementObject] {
        guard let items = try await get(path) as? [[String: Any]] else { throw .notUnderstood(base: endpoint.base) }
        return items.map { ManagementObject($0) }
    }

    func object(_ path: [String], _ query: [(String, String)] = []) async throws(ManagementError) -> ManagementObject {
        try decodedObject(try await send(.GET, path, query))
    }

    /// The same for what may take the broker minutes.
    func longObject(
        _ path: [String], _ query: [(String, String)]
    ) async throws(ManagementError) -> ManagementObject {
        try decodedObject(try await send(.GET, path, query, timeout: Self.longTimeout))
    }

    /// Asks for something to be done.
    func post(_ path: [String], _ body: ManagementObject) async throws(ManagementError) -> ManagementObject {
        try decodedObject(try await send(.POST, path, [], body: body, timeout: Self.longTimeout))
    }

    /// The same, if the answer is a list of objects.
    func postForList(_ path: [String]) async throws(ManagementError) -> [ManagementObject] {
        let bytes = try await send(.POST, path, [], body: ManagementObject([:]), timeout: Self.longTimeout)
        guard let items = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [[String: Any]] else {
            throw .notUnderstood(base: endpoint.base)
        }
        return items.map { ManagementObject($0) }
    }

    /// What stands there, as it is; nil if it is not there.
    func bytesIfThere(_ path: [String]) async throws(ManagementError) -> [UInt8]? {
        do {
            return try await send(.GET, path, [])
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }

    private func decodedObject(_ bytes: [UInt8]) throws(ManagementError) -> ManagementObject {
        guard let fields = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
            throw .notUnderstood(base: endpoint.base)
        }
        return ManagementObject(fields)
    }

    func delete(_ path: [String]) async throws(ManagementError) {
        _ = try await send(.DELETE, path, [])
    }

    private func send(
        _ method: HTTPMethod, _ path: [String], _ query: [(String, String)], body: ManagementObject? = nil,
        timeout: TimeAmount = Self.timeout
    ) async throws(ManagementError) -> [UInt8] {
        var request = HTTPClientRequest(url: endpoint.url(path, query))
        request.method = method
        request.headers.add(name: "Authorization", value: endpoint.authorization)
        request.headers.add(name: "Accept", value: "application/json")
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body.line))
        }
        let status: HTTPResponseStatus
        let bytes: [UInt8]
        do {
            let response = try await http.execute(request, timeout: timeout)
            status = response.status
            bytes = Array(try await response.body.collect(upTo: Self.answerBytesMax).readableBytesView)
        } catch {
            throw .unreachable(base: endpoint.base, reason: Self.reason(error))
        }
        guard (200..<300).contains(status.code) else {
            let fields = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
            let reason = fields?["reason"] as? String ?? status.reasonPhrase
            throw .refused(status: status.code, reason: TerminalText.escaped(reason))
        }
        return bytes
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { "\($0.error)" } ?? error.dnsAAAAError.map { "\($0)" }
                ?? "the host name is unknown"
        case let error as HTTPClientError where error == .connectTimeout || error == .deadlineExceeded:
            "it does not answer in time"
        default: "\(error)"
        }
    }
}
