import BrokerServer
import Hummingbird

/// All routes of the management API.
///
/// Each group of routes is a type in this folder with one `add(to:)`, listed here.
enum ManagementRouter {
    static func make(server: BrokerServer) -> Router<BasicRequestContext> {
        let router = Router()
        HealthRoutes(server: server).add(to: router)
        return router
    }
}
