import Broker
import BrokerServer
import Hummingbird
import NIOCore

/// `GET /metrics`: for Prometheus, with the password of a user with the tag `monitoring` or `administrator`.
struct MetricsRoutes {
    let server: BrokerServer

    /// - Parameter router: for those who are logged in.
    func add(to router: RouterGroup<AuthenticatedContext>) {
        router.get { _, context in try await metrics(context.user) }
    }

    private func metrics(_ user: ManagementUser) async throws -> Response {
        guard user.isMonitor else { throw APIError.notAuthorised("Not monitor user") }
        let text = try await DeadLetterMetrics(server: server, user: user).text()
        return Response(
            status: .ok, headers: [.contentType: PrometheusText.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
