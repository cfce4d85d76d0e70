import HTTPTypes
import Hummingbird
import Logging

/// Makes a JSON body of every error: the outermost middleware.
struct ErrorMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            throw describe(error, context)
        }
    }

    private func describe(_ error: any Error, _ context: Context) -> APIError {
        if let known = APIError(error) { return known }
        if let other = error as? any HTTPResponseError {
            if other.status == .notFound { return .notFound }
            return APIError(
                status: other.status, error: Self.word(for: other.status), reason: other.status.reasonPhrase)
        }
        context.logger.error("a request has failed", metadata: ["error": "\(error)"])
        return APIError(
            status: .internalServerError, error: "internal_error", reason: "something went wrong; the log has it")
    }

    private static func word(for status: HTTPResponse.Status) -> String {
        status.reasonPhrase.lowercased().split(separator: " ").joined(separator: "_")
    }
}
