import Broker
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// A whole broker in this process: the core on its event loop, the listeners, the plugins.
///
/// `harrier serve` is this and a command line. In a test or in a program of yours:
///
///     var configuration = ServerConfiguration(broker: BrokerConfiguration(dataDirectory: folder))
///     configuration.amqpPort = 0
///     let server = try await BrokerServer.start(configuration)
///     // connect to 127.0.0.1, port server.amqpPort
///     try await server.shutdown()
///
/// Any thread may use it. It has to be shut down before the last reference goes, or its thread lives on.
public final class BrokerServer: Sendable {
    private struct State {
        var status = ServerStatus.starting
        var core: NIOLoopBound<CoreLoop>?
        var listeners: [any Channel] = []
        var plugins: PluginRun?
        var stopping: Task<Void, any Error>?
    }

    let board = ListenerBoard()
    private let configuration: ServerConfiguration
    private let logger: Logger
    private let group: MultiThreadedEventLoopGroup
    private let loop: any EventLoop
    private let ioGroup: MultiThreadedEventLoopGroup?
    private let ioThreads: [IOThread]
    private let startedAt = ContinuousClock.now
    private let state = Mutex(State())
    private let failures: AsyncStream<any Error>
    private let reportFailure: AsyncStream<any Error>.Continuation

    private init(_ configuration: ServerConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        // One loop owns everything: vhosts, queues, the log's tail, and without I/O threads the sockets as well.
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        loop = group.next()
        let count = configuration.ioThreadCount
        ioGroup = count > 0 ? MultiThreadedEventLoopGroup(numberOfThreads: count) : nil
        let coreLoop = loop
        ioThreads = ioGroup?.makeIterator().map { IOThread(loop: $0, coreLoop: coreLoop) } ?? []
        (failures, reportFailure) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    /// A plugin's services have ended by themselves: before the server is ready that ends the start, later on it is for
    /// whoever waits in `pluginFailure`.
    func pluginFailed(_ error: any Error) {
        board.failed(error)
        reportFailure.yield(error)
    }

    // MARK: Life

    /// Opens the data directory, recovers what is in it, applies the definitions, starts the plugins, and listens.
    /// Clients are accepted when it returns.
    ///
    /// - Throws: `StorageError` if the data directory cannot be used, `DefinitionErrors` for definitions that cannot be
    ///   carried out, `TLSFileError`, `ListenError`, and what a plugin's services throw. Everything that had been
    ///   started is stopped by then.
    public static func start(
        _ configuration: ServerConfiguration,
        plugins: [any ServerPlugin] = [],
        logger: Logger = Logger(label: "harrier")
    ) async throws -> BrokerServer {
        let server = BrokerServer(configuration, logger: logger)
        do {
            try await server.start(plugins)
        } catch {
            try? await server.stop()
            throw error
        }
        return server
    }

    private func start(_ plugins: [any ServerPlugin]) async throws {
        let tls = try configuration.tls.map { try TLSListener($0) }
        let pluginRun = try PluginRun(plugins: plugins, server: self, logger: logger)
        state.withLock { $0.plugins = pluginRun }
        let core = try await openCore(plugins)
        state.withLock { $0.core = core }
        try await begin(ioThreads, core: core)
        try await listen("amqp", port: configuration.amqpPort, tls: nil, core: core)
        if let tls, let port = configuration.tls?.port {
            try await listen("amqps", port: port, tls: tls, core: core)
        }
        try await board.wait(for: Set(plugins.flatMap(\.listenerNames)))
        state.withLock { $0.status = .running }
    }

    /// The recovery reads the disk on the loop, which has nothing else to do yet.
    private func openCore(_ plugins: [any ServerPlugin]) async throws -> NIOLoopBound<CoreLoop> {
        let (configuration, logger, loop) = (configuration, logger, loop)
        return try await loop.submit {
            let signal = LogSignal(loop: loop)
            let broker = try BrokerCore(
                configuration: configuration.broker, extensions: BrokerExtensions(plugins: plugins), logger: logger,
                notify: { signal.raise() })
            let core = CoreLoop(broker: broker, loop: loop, logger: logger, signal: signal)
            do {
                try core.apply(configuration.definitions)
            } catch {
                core.close()
                throw error
            }
            return NIOLoopBound(core, eventLoop: loop)
        }.get()
    }

    private func begin(_ threads: [IOThread], core: NIOLoopBound<CoreLoop>) async throws {
        for thread in threads {
            try await thread.loop.submit { thread.begin() }.get()
            try await loop.submit { core.value.connect(thread) }.get()
        }
    }

    private func listen(_ name: String, port: Int, tls: TLSListener?, core: NIOLoopBound<CoreLoop>) async throws {
        let opener = ClientListener(group: ioGroup ?? group, core: core, ioThreads: ioThreads, logger: logger)
        let (channel, listener) = try await opener.open(name, host: configuration.bindAddress, port: port, tls: tls)
        state.withLock { $0.listeners.append(channel) }
        board.opened(listener)
    }

    /// Stops for good: no new connections, 320 CONNECTION_FORCED to every client, the log written and synced, the data
    /// directory closed, then the plugins. Whoever calls it again waits for the first call.
    public func shutdown() async throws {
        let task = state.withLock { state in
            if let task = state.stopping { return task }
            let task = Task { try await self.stop() }
            state.stopping = task
            return task
        }
        try await task.value
    }

    /// RabbitMQ's words.
    private static let closeReason = "broker forced connection closure with reason 'shutdown'"

    private func stop() async throws {
        let (listeners, core, plugins) = state.withLock { state in
            state.status = .draining
            return (state.listeners, state.core, state.plugins)
        }
        logger.info("stopping", metadata: ["listeners": "\(listeners.count)"])
        for listener in listeners { try? await listener.close() }
        if let core {
            let milliseconds = configuration.drainMilliseconds
            try await loop.flatSubmit {
                core.value.drain(reason: Self.closeReason, withinMilliseconds: milliseconds)
            }.get()
            try await loop.submit { core.value.close() }.get()
        }
        state.withLock { state in
            state.status = .stopped
            state.core = nil
        }
        await plugins?.stop()
        state.withLock { $0.plugins = nil }
        try await ioGroup?.shutdownGracefully()
        try await group.shutdownGracefully()
        logger.info("stopped")
    }

    /// Waits for a plugin's service that ends by itself, and returns its error; `nil` when the task is cancelled. The
    /// server goes on without the plugins until it is shut down. For one caller.
    public func pluginFailure() async -> (any Error)? {
        await failures.first { _ in true }
    }

    // MARK: Facts

    public var status: ServerStatus { state.withLock { $0.status } }

    /// How long ago the start began.
    public var uptime: Duration { .now - startedAt }

    /// What is open now, in the order in which it was opened; the plugins' listeners included.
    public var listeners: [Listener] { board.listeners }

    /// The port that AMQP is served on.
    public var amqpPort: Int { port(of: "amqp") }

    /// The port of a listener that was configured.
    public func port(of listenerName: String) -> Int {
        guard let port = board.port(of: listenerName) else {
            preconditionFailure("this server has no listener named \(listenerName)")
        }
        return port
    }

    public var bindAddress: String { configuration.bindAddress }

    // MARK: The core

    /// Runs `body` on the core's loop, as a part of the burst that is under way. Every client waits meanwhile, so keep
    /// it short: a page of a listing, not the listing.
    ///
    /// - Throws: `ServerNotRunning`, and what `body` throws.
    public func withBroker<Result: Sendable>(
        _ body: @escaping @Sendable (BrokerCore) throws -> Result
    ) async throws -> Result {
        let (core, status) = state.withLock { ($0.core, $0.status) }
        guard let core, status == .running else { throw ServerNotRunning(status: status) }
        return try await loop.submit {
            guard !core.value.isClosed else { throw ServerNotRunning(status: .stopped) }
            core.value.beginTurn()
            return try body(core.value.broker)
        }.get()
    }

    /// Asks for what takes the core more than a turn: `body` runs as for `withBroker`, begins the work, and sees to it that
    /// the answer is given when that is done.
    ///
    /// - Throws: `ServerNotRunning`, also if the core closes before the answer was given; what `body` throws, and what the
    ///   answer fails with.
    public func askBroker<Value: Sendable>(
        _ body: @escaping @Sendable (BrokerCore, BrokerAnswer<Value>) throws -> Void
    ) async throws -> Value {
        let (core, status) = state.withLock { ($0.core, $0.status) }
        guard let core, status == .running else { throw ServerNotRunning(status: status) }
        return try await loop.flatSubmit { [loop] in
            let promise = loop.makePromise(of: Value.self)
            guard !core.value.isClosed else {
                promise.fail(ServerNotRunning(status: .stopped))
                return promise.futureResult
            }
            core.value.beginTurn()
            let answer = BrokerAnswer(promise, core: core.value)
            do {
                try body(core.value.broker, answer)
            } catch {
                answer.fail(error)
            }
            return promise.futureResult
        }.get()
    }
}
