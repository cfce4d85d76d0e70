import AsyncHTTPClient
import Foundation
import LosslessJSON
import NIOCore
import NIOHTTP1
import NIOPosix

/// A client of Harrier's management API: what ``HarrierManagement`` can be asked for is in its extensions, and anything else that
/// the API has by path (``get(_:_:isLong:)``, ``post(_:_:)``, ``delete(_:)``).
///
/// It may be used from any number of tasks.
public struct ManagementClient: Sendable {
    /// Of one answer, in bytes; a page of messages is smaller.
    public static let answerBytesMax = 64 << 20
    private static let timeout = TimeAmount.seconds(60)
    /// Of a look at very many messages beside others' load.
    private static let longTimeout = TimeAmount.minutes(30)

    /// Whose queues are meant.
    public let virtualHost: String
    private let endpoint: ManagementEndpoint
    private let http: HTTPClient

    /// Runs `body` with a client, which is closed afterwards.
    ///
    /// - Parameters:
    ///   - url: `http://user:password@host:port`, or `https`; `guest` and `guest` if no user is named.
    ///   - virtualHost: whose queues are meant.
    ///   - isolation: where `body` runs: where this was called from.
    /// - Throws: `ManagementError.badAddress`, and what `body` throws. Nothing is asked of the broker before `body` does.
    public static func withClient<Result>(
        to url: String, virtualHost: String = "/", isolation: isolated (any Actor)? = #isolation,
        _ body: (ManagementClient) async throws -> Result
    ) async throws -> Result {
        guard let endpoint = ManagementEndpoint(url: url) else { throw ManagementError.badAddress }
        return try await withClient(endpoint, virtualHost: virtualHost, isolation: isolation, body)
    }

    /// The same for an address that was read already.
    public static func withClient<Result>(
        _ endpoint: ManagementEndpoint, virtualHost: String = "/", isolation: isolated (any Actor)? = #isolation,
        _ body: (ManagementClient) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(10)
        // A refused connection is told at once.
        configuration.connectionPool.retryConnectionEstablishment = false
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let client = ManagementClient(virtualHost: virtualHost, endpoint: endpoint, http: http)
            let result = try await body(client)
            try await http.shutdown()
            return result
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    // MARK: By path

    /// What a route of the API answers.
    ///
    /// - Parameters:
    ///   - path: the segments below `/api`, as they are: they are encoded here.
    ///   - query: names and values, likewise.
    ///   - isLong: it may take the broker minutes; 30 are waited then, and one otherwise.
    public func get(
        _ path: [String], _ query: [(String, String)] = [], isLong: Bool = false
    ) async throws(ManagementError) -> JSONValue {
        try decoded(try await send(.GET, path, query, timeout: isLong ? Self.longTimeout : Self.timeout))
    }

    /// The answer as an object.
    public func object(
        _ path: [String], _ query: [(String, String)] = [], isLong: Bool = false
    ) async throws(ManagementError) -> JSONObject {
        try object(try await get(path, query, isLong: isLong))
    }

    /// The answer as a list of objects.
    public func list(_ path: [String]) async throws(ManagementError) -> [JSONObject] {
        try objects(try await get(path))
    }

    /// Asks for something to be done. It may take 30 minutes.
    public func post(_ path: [String], _ body: JSONObject = [:]) async throws(ManagementError) -> JSONValue {
        try decoded(try await send(.POST, path, [], body: body, timeout: Self.longTimeout))
    }

    /// The same for an answer that is an object.
    public func postForObject(
        _ path: [String], _ body: JSONObject = [:]
    ) async throws(ManagementError) -> JSONObject {
        try object(try await post(path, body))
    }

    /// The same for an answer that is a list of objects.
    public func postForList(_ path: [String], _ body: JSONObject = [:]) async throws(ManagementError) -> [JSONObject] {
        try objects(try await post(path, body))
    }

    /// What stands there, as it is; nil if it is not there.
    public func bytesIfThere(_ path: [String]) async throws(ManagementError) -> [UInt8]? {
        do {
            return try await send(.GET, path, [], timeout: Self.timeout)
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }

    public func delete(_ path: [String]) async throws(ManagementError) {
        _ = try await send(.DELETE, path, [], timeout: Self.timeout)
    }

    // MARK: Answers

    func object(_ value: JSONValue) throws(ManagementError) -> JSONObject {
        guard let fields = value.object else { throw notUnderstood }
        return JSONObject(fields)
    }

    func objects(_ value: JSONValue) throws(ManagementError) -> [JSONObject] {
        guard let items = value.array else { throw notUnderstood }
        var objects: [JSONObject] = []
        for item in items { objects.append(try object(item)) }
        return objects
    }

    var notUnderstood: ManagementError { .notUnderstood(base: endpoint.base) }

    private func decoded(_ bytes: [UInt8]) throws(ManagementError) -> JSONValue {
        // Of what is done without an answer there is none.
        guard !bytes.isEmpty else { return .null }
        do {
            return try JSONValue(parsing: bytes)
        } catch {
            throw notUnderstood
        }
    }

    private func send(
        _ method: HTTPMethod, _ path: [String], _ query: [(String, String)], body: JSONObject? = nil,
        timeout: TimeAmount
    ) async throws(ManagementError) -> [UInt8] {
        var request = HTTPClientRequest(url: endpoint.url(path, query))
        request.method = method
        request.headers.add(name: "Authorization", value: endpoint.authorization)
        request.headers.add(name: "Accept", value: "application/json")
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: JSONValue.object(body.fields).utf8))
        }
        let status: HTTPResponseStatus
        let bytes: [UInt8]
        do {
            let response = try await http.execute(request, timeout: timeout)
            status = response.status
            bytes = Array(try await response.body.collect(upTo: Self.answerBytesMax).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw .answerTooLarge
        } catch is CancellationError {
            throw .cancelled
        } catch {
            throw Task.isCancelled ? .cancelled : .unreachable(base: endpoint.base, reason: Self.reason(error))
        }
        guard (200..<300).contains(status.code) else {
            let fields = (try? JSONValue(parsing: bytes))?.object
            throw .refused(status: Int(status.code), reason: fields?["reason"]?.string ?? status.reasonPhrase)
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
        case let error as IOError where error.errnoCode == ECONNREFUSED: "nobody listens there"
        case is NIOHTTP1.HTTPParserError: "what listens there does not speak HTTP"
        default: "\(error)"
        }
    }
}
