/// The broker was asked for while its server is starting, draining or stopped.
public struct ServerNotRunning: Error, CustomStringConvertible {
    public let status: ServerStatus

    public var description: String { "the server is \(status.rawValue)" }
}
