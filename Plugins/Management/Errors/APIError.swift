import HTTPTypes
import Hummingbird

/// A refusal, as RabbitMQ's management API words it: a status and `{"error": …, "reason": …}`.
struct APIError: Error {
    let status: HTTPResponse.Status
    /// A word for programs.
    let error: String
    /// A sentence for people.
    let reason: String
    var headers = HTTPFields()

    static func badRequest(_ reason: String) -> APIError {
        APIError(status: .badRequest, error: "bad_request", reason: reason)
    }

    /// What the path names is not there.
    static let notFound = APIError(status: .notFound, error: "Object Not Found", reason: "Not Found")

    static func notFound(_ reason: String) -> APIError {
        APIError(status: .notFound, error: "Object Not Found", reason: reason)
    }

    /// Known, and not allowed to do this; 401 as by RabbitMQ.
    static func notAuthorised(_ reason: String) -> APIError {
        APIError(status: .unauthorized, error: "not_authorised", reason: reason)
    }

    /// Nobody that is known.
    static func loginFailed(_ reason: String = "Login failed") -> APIError {
        var error = notAuthorised(reason)
        error.headers[.wwwAuthenticate] = "Basic realm=\"RabbitMQ Management\""
        return error
    }
}

extension APIError: HTTPResponseError {
    private struct Body: Encodable {
        let error: String
        let reason: String
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        var response = try context.responseEncoder.encode(
            Body(error: error, reason: reason), from: request, context: context)
        response.status = status
        response.headers.append(contentsOf: headers)
        return response
    }
}
