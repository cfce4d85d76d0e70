import Hummingbird

/// Routes that belong together: one type for each resource, listed in `ManagementRouter`.
protocol RouteGroup {
    /// - Parameter api: the paths below `/api`, for those who are logged in.
    func add(to api: RouterGroup<AuthenticatedContext>)
}
