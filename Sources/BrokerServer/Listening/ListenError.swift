import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A listener could not be opened.
public struct ListenError: Error, CustomStringConvertible {
    public let listener: Listener
    public let reason: String

    /// Words the usual causes for people; any other error speaks for itself.
    public init(_ listener: Listener, cause: any Error) {
        self.listener = listener
        self.reason =
            switch (cause as? IOError)?.errnoCode {
            case EADDRINUSE: "the port is in use by another process"
            case EADDRNOTAVAIL: "no network interface of this machine has this address"
            case EACCES: "this user may not listen on this port"
            default: "\(cause)"
            }
    }

    public var description: String {
        "cannot listen on \(listener.host):\(listener.port) for \(listener.name): \(reason)"
    }
}
