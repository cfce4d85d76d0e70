import Broker
import BrokerServer
import Foundation
import HTTPTypes
import Hummingbird
import Logging

/// HTTP basic authentication, by RabbitMQ's rules: a user with one of the management's tags, and from the machine itself if
/// the user is for loopback only. Passwords are never logged.
struct AuthenticationMiddleware: RouterMiddleware {
    typealias Context = ManagementContext

    /// Of the header's value, in bytes: a longer one holds no password of ours.
    private static let credentialBytesMax = 4096

    let server: BrokerServer
    let logger: Logger

    func handle(
        _ request: Request, context: ManagementContext, next: (Request, ManagementContext) async throws -> Response
    ) async throws -> Response {
        guard let (name, password) = Self.credentials(request.headers[.authorization]) else {
            throw APIError.loginFailed()
        }
        let isLoopback = context.isLoopback
        let user: Broker.User
        do {
            user = try await server.withBroker { core in
                try core.access.authenticate(user: name, password: password, isLoopback: isLoopback)
            }
        } catch let failure as AccessControl.LoginFailure {
            throw refuse(name, failure)
        }
        let found = ManagementUser(user: user)
        guard found.isManagementUser else {
            log(name, "not a management user")
            throw APIError.notAuthorised("Not management user")
        }
        var context = context
        context.user = found
        return try await next(request, context)
    }

    private func refuse(_ name: String, _ failure: AccessControl.LoginFailure) -> APIError {
        switch failure {
        case .unknownUser, .wrongPassword:
            log(name, failure == .unknownUser ? "no such user" : "wrong password")
            return .loginFailed()
        case .onlyFromLoopback:
            log(name, "only from this machine")
            return .notAuthorised("User can only log in via localhost")
        }
    }

    private func log(_ name: String, _ reason: String) {
        logger.warning("HTTP access denied", metadata: ["user": "\(name)", "reason": "\(reason)"])
    }

    /// Name and password; nil if the header is none of basic authentication (RFC 7617).
    static func credentials(_ header: String?) -> (name: String, password: [UInt8])? {
        guard let header, header.utf8.count <= credentialBytesMax else { return nil }
        let words = header.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 2, words[0].lowercased() == "basic", let data = Data(base64Encoded: String(words[1])),
            let colon = data.firstIndex(of: UInt8(ascii: ":")),
            let name = String(validating: data[..<colon], as: UTF8.self)
        else { return nil }
        return (name, Array(data[data.index(after: colon)...]))
    }
}
