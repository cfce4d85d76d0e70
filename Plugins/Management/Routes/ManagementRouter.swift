import BrokerServer
import Hummingbird
import Logging

/// All routes of the management API.
///
/// Each group of routes is a type in this folder with one `add(to:)`, listed here. `/health` is open to everybody; what
/// stands below `/api`, and `/metrics`, asks for a user.
enum ManagementRouter {
    static func make(server: BrokerServer, logger: Logger) -> Router<ManagementContext> {
        let router = Router(context: ManagementContext.self)
        router.add(middleware: ErrorMiddleware())
        HealthRoutes(server: server).add(to: router)
        let api = router.group("api")
            .add(middleware: AuthenticationMiddleware(server: server, logger: logger))
            .add(middleware: BodyLimitMiddleware())
            .group(context: AuthenticatedContext.self)
        for group in groups(server) { group.add(to: api) }
        let metrics = router.group("metrics")
            .add(middleware: AuthenticationMiddleware(server: server, logger: logger))
            .group(context: AuthenticatedContext.self)
        MetricsRoutes(server: server).add(to: metrics)
        return router
    }

    private static func groups(_ server: BrokerServer) -> [any RouteGroup] {
        [
            UserRoutes(),
            VirtualHostRoutes(server: server),
            QueueRoutes(server: server),
            MessageRoutes(server: server),
            ScheduledRoutes(server: server),
            DeadLetterRoutes(server: server),
            RedriveRoutes(server: server),
            TaskRoutes(server: server),
            EditRoutes(server: server),
            ImportRoutes(server: server),
            AlertRoutes(server: server),
        ]
    }
}
