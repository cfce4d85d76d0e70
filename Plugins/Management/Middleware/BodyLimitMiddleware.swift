import Hummingbird
import NIOCore

/// Takes in a request's body before anything is done with it, and refuses one that is too large with 413. Behind the login:
/// nobody else makes the server keep anything.
struct BodyLimitMiddleware<Context: RequestContext>: RouterMiddleware {
    /// In bytes. The largest definition files are smaller.
    static var bytesMax: Int { 20 << 20 }

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var request = request
        _ = try await request.collectBody(upTo: Self.bytesMax)
        return try await next(request, context)
    }
}
