import AMQPProtocol
import Logging
import NIOCore
import NIOPosix
import NIOSSL

/// A connection to an AMQP 0-9-1 broker: Harrier, RabbitMQ or another that speaks the protocol.
///
/// It may be used from any number of tasks. All that is done on it goes through channels (``openChannel(confirmWindow:onReturn:)``);
/// open one for each part of a program that is to fail on its own, and a second connection for what consumes, if what
/// publishes must never be held up. When the connection ends everybody who waits on it is told why; it does not come
/// back, and a program that wants to go on connects anew.
///
/// The connection closes when the last reference to it and its channels goes; better call ``close()``, or use
/// ``withConnection(to:eventLoopGroup:logger:isolation:_:)-(String,_,_,_,_)``, which does.
public final class HarrierConnection: Sendable {
    let core: ConnectionCore

    init(core: ConnectionCore) {
        self.core = core
    }

    deinit {
        try? core.perform { $0.close(nil) }
    }

    /// Closes the connection and all its channels in order, and waits until that is done, but no longer than five
    /// seconds. Returns at once if it has ended already.
    public func close() async {
        // Also a task that has been cancelled closes what it has opened; it just does not wait.
        try? core.perform { $0.close(nil) }
        _ = try? await core.wait(on: nil) { $0.close($1) }
    }

    /// Whether anything can still be asked of the broker. It may turn at any moment.
    public var isOpen: Bool { core.isOpen }

    /// Opens a channel.
    ///
    /// - Parameters:
    ///   - confirmWindow: How many publishes may await the broker's confirm at a time, once the channel is in confirm
    ///     mode. A publisher that comes upon a full window waits.
    ///   - onReturn: Told of mandatory messages that came back and that no ``HarrierChannel/publishConfirmed(_:to:routingKey:properties:mandatory:)-(ByteBuffer,_,_,_,_)``
    ///     waits for. Called on an event loop: must not block. Without it a warning is logged.
    /// - Throws: ``AMQPClientError``, with the code `tooManyChannels` when the number agreed on with the broker is
    ///   reached.
    public func openChannel(
        confirmWindow: Int = 1024, onReturn: (@Sendable (ReturnedMessage) -> Void)? = nil
    ) async throws(AMQPClientError) -> HarrierChannel {
        precondition(confirmWindow > 0, "without a window nothing could be published")
        let id = ChannelID(rawValue: core.nextID())
        let channel = HarrierChannel(connection: self, id: id)
        if let onReturn { core.setOnReturn(id, onReturn) }
        _ = try await core.wait(on: id) { state, call throws(AMQPClientError) in
            try state.openChannel(id, call: call, confirmWindowMax: confirmWindow)
        }
        return channel
    }

    /// Opens a channel, and closes it when `body` is done with it.
    public func withChannel<Value>(
        confirmWindow: Int = 1024, onReturn: (@Sendable (ReturnedMessage) -> Void)? = nil,
        isolation: isolated (any Actor)? = #isolation, _ body: (HarrierChannel) async throws -> Value
    ) async throws -> Value {
        let channel = try await openChannel(confirmWindow: confirmWindow, onReturn: onReturn)
        do {
            let value = try await body(channel)
            await channel.close()
            return value
        } catch {
            await channel.close()
            throw error
        }
    }
}

// MARK: - Connecting

extension HarrierConnection {
    /// Connects to the broker at a URL, for example `amqp://guest:guest@localhost:5672/%2F`; see
    /// ``ConnectionConfiguration/init(url:)``.
    public static func connect(
        to url: String, eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger = .silent
    ) async throws(AMQPClientError) -> HarrierConnection {
        try await connect(
            to: try ConnectionConfiguration(url: url), eventLoopGroup: eventLoopGroup, logger: logger)
    }

    /// Connects to a broker and logs in. Returns when the connection can be used.
    ///
    /// - Throws: ``AMQPClientError``, with the code `connectFailed`, `connectTimedOut`, or, where the broker refuses
    ///   user, password or virtual host, `connectionClosedByServer`.
    public static func connect(
        to configuration: ConnectionConfiguration,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, logger: Logger = .silent
    ) async throws(AMQPClientError) -> HarrierConnection {
        try ArgumentCheck.name(configuration.virtualHost, "virtual host")
        try ArgumentCheck.table(configuration.clientProperties)
        let eventLoop = eventLoopGroup.next()
        let core = ConnectionCore(configuration: configuration, eventLoop: eventLoop, logger: logger)
        let channel = try await openSocket(configuration, core, eventLoop)
        do {
            _ = try await core.wait(on: nil) { state, call throws(AMQPClientError) in try state.awaitOpen(call) }
        } catch {
            channel.close(promise: nil)
            throw error
        }
        return HarrierConnection(core: core)
    }

    private static func openSocket(
        _ configuration: ConnectionConfiguration, _ core: ConnectionCore, _ eventLoop: any EventLoop
    ) async throws(AMQPClientError) -> any Channel {
        let timeout = TimeAmount.milliseconds(configuration.connectTimeoutMilliseconds)
        let deadline = NIODeadline.now() + timeout
        let place = "\(configuration.host):\(configuration.port)"
        do {
            let tls = try configuration.tls.map { try NIOSSLContext(configuration: $0) }
            return try await ClientBootstrap(group: eventLoop)
                .connectTimeout(timeout)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if let tls { try configuration.addTLS(tls, to: channel) }
                        let handler = ConnectionHandler(
                            core: core, frameBytesMax: configuration.frameBytesMax, handshakeDeadline: deadline)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                }
                .connect(host: configuration.host, port: configuration.port)
                .get()
        } catch ChannelError.connectTimeout {
            throw AMQPClientError(
                .connectTimedOut, "\(place) had not answered after \(configuration.connectTimeoutMilliseconds) ms")
        } catch let error as NIOConnectionError {
            let reason = error.connectionErrors.first?.error ?? error.dnsAAAAError ?? error.dnsAError
            throw AMQPClientError(.connectFailed, "could not connect to \(place)", underlying: reason ?? error)
        } catch {
            throw AMQPClientError(.connectFailed, "could not connect to \(place)", underlying: error)
        }
    }

    /// Connects to the broker at a URL, and closes the connection when `body` is done with it.
    public static func withConnection<Value>(
        to url: String, eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger = .silent, isolation: isolated (any Actor)? = #isolation,
        _ body: (HarrierConnection) async throws -> Value
    ) async throws -> Value {
        try await withConnection(
            to: try ConnectionConfiguration(url: url), eventLoopGroup: eventLoopGroup, logger: logger, body)
    }

    /// Connects to a broker, and closes the connection when `body` is done with it.
    public static func withConnection<Value>(
        to configuration: ConnectionConfiguration,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, logger: Logger = .silent,
        isolation: isolated (any Actor)? = #isolation, _ body: (HarrierConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await connect(to: configuration, eventLoopGroup: eventLoopGroup, logger: logger)
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }
}

extension Logger {
    /// Logs nothing: what a connection does unless it is given a logger.
    public static var silent: Logger {
        Logger(label: "harrier.client") { _ in SwiftLogNoOpLogHandler() }
    }
}
