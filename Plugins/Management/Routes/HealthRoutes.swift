import BrokerServer
import Hummingbird

/// `GET /health`: whether clients are served, for probes. Needs no password and never asks the core.
struct HealthRoutes {
    let server: BrokerServer

    func add(to router: Router<ManagementContext>) {
        router.get("health") { _, _ in report() }
    }

    /// 200 while clients are served, 503 while the server recovers or drains.
    private func report() -> EditedResponse<HealthReport> {
        let status = server.status
        return EditedResponse(
            status: status == .running ? .ok : .serviceUnavailable,
            response: HealthReport(
                status: status == .running ? "ok" : status.rawValue,
                version: ServerVersion.text,
                uptimeSeconds: Int(server.uptime.components.seconds),
                listeners: server.listeners.map { listener in
                    HealthReport.OpenListener(name: listener.name, host: listener.host, port: listener.port)
                }
            )
        )
    }
}
