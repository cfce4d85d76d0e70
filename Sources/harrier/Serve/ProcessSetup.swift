import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What a server asks of its process before it starts.
enum ProcessSetup {
    static var processID: Int32 { getpid() }

    static func run() {
        raiseOpenFileLimit()
        // The core has a loop of its own. What else there is (HTTP) shares one more, not one for each processor.
        NIOSingletons.groupLoopCountSuggestion = 1
        // A terminal that goes away, or a reload signal from a supervisor that knows other servers, is no reason to go.
        signal(SIGHUP, SIG_IGN)
        // Writing to a pipe that nobody reads is an error to handle, not a reason to go either.
        signal(SIGPIPE, SIG_IGN)
    }

    /// A connection is a file descriptor, and the usual soft limit of 1024 is made for interactive programs: take what
    /// the hard limit allows. It stays as it is if that fails.
    private static func raiseOpenFileLimit() {
        var limit = rlimit()
        guard getrlimit(openFiles, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(openFiles, &limit)
    }

    #if canImport(Glibc)
        private static var openFiles: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }
    #else
        private static var openFiles: Int32 { RLIMIT_NOFILE }
    #endif
}
