import Foundation
import Hummingbird

/// A request of somebody who is logged in.
struct AuthenticatedContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    let user: ManagementUser

    /// - Throws: 401 if nobody has.
    init(context: ManagementContext) throws {
        guard let user = context.user else { throw APIError.loginFailed() }
        coreContext = context.coreContext
        self.user = user
    }

    var responseEncoder: JSONEncoder { ManagementContext.makeEncoder() }

    /// A segment of the path that names something, percent-decoded: `%2F` is the virtual host `/`.
    ///
    /// - Throws: 400 for what is no text.
    func name(_ parameter: String) throws -> String {
        guard let text = parameters.get(parameter), let name = PercentEncoding.decode(text, plusIsSpace: false) else {
            throw APIError.badRequest("bad percent-encoding in the path")
        }
        return name
    }
}
