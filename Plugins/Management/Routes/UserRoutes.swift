import Broker
import Hummingbird
import LosslessJSON

/// `GET /api/whoami`: who is logged in.
struct UserRoutes: RouteGroup {
    func add(to api: RouterGroup<AuthenticatedContext>) {
        api.get("whoami") { _, context -> JSONResponse in
            JSONResponse([
                "name": .string(context.user.name),
                "tags": .array(context.user.user.tags.sorted().map { .string($0) }),
            ])
        }
    }
}
