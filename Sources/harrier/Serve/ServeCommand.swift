import ArgumentParser
import Broker
import BrokerServer
import Logging
import ServiceLifecycle
import UnixSignals

/// `harrier serve`: the broker in the foreground.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the broker.",
        discussion: """
            When clients are accepted, one line is printed on standard output:
            ready amqp=PORT http=PORT pid=PID (and amqps=PORT before the pid with TLS)
            Logs go to standard error. SIGTERM and SIGINT stop the broker cleanly: clients are told (320), \
            what was accepted is synced to the disk, and the exit code is 0.
            """
    )

    @Option(help: "Folder for the data; made if it is not there, and locked while the broker runs.")
    var dataDir = "data"

    @Option(help: "Address to listen on; 0.0.0.0 or :: for all. The default is reached from this machine only.")
    var bind = "127.0.0.1"

    @Option(help: "Port for AMQP 0-9-1. Here and below, 0 is any free port.")
    var amqpPort = 5672

    @Option(help: "Port for the management HTTP API.")
    var httpPort = 15672

    @Option(
        help: ArgumentHelp(
            "Threads that carry clients' sockets, with TLS. 0: the broker's own thread carries them, which costs least.",
            discussion: "Worth it with TLS or large messages, where one core is busy and others are idle."))
    var ioThreads = 0

    @Option(
        help: ArgumentHelp(
            "Definitions to apply at the start: a YAML or JSON file, or a folder of them. Can be repeated.",
            discussion: """
                Without the option \(DefinitionsSource.defaultFile) is used if it is there. Without that as well, a blank \
                data folder gets the vhost / and the user guest with the password guest.
                """,
            valueName: "file"
        )
    )
    var definitions: [String] = []

    @OptionGroup(title: "Storage")
    var storage: StorageOptions

    @OptionGroup(title: "AMQP limits")
    var limits: LimitOptions

    @OptionGroup(title: "TLS")
    var tls: TLSOptions

    @OptionGroup(title: "Logging")
    var logging: LoggingOptions

    func validate() throws {
        for (name, port) in [("--amqp-port", amqpPort), ("--http-port", httpPort)]
        where !(0...65_535).contains(port) {
            throw ValidationError("\(name) is a number from 0 to 65535, not \(port)")
        }
        guard (0...ServerConfiguration.ioThreadCountMax).contains(ioThreads) else {
            throw ValidationError(
                "--io-threads is a number from 0 to \(ServerConfiguration.ioThreadCountMax), not \(ioThreads)")
        }
        // With small segments the default is lowered by the broker, which says so.
        guard limits.maxMessageSize.bytes <= max(16 << 20, storage.segmentSize.bytes / 2) else {
            throw ValidationError(
                "--max-message-size is at most half of --segment-size, which is "
                    + storage.segmentSize.defaultValueDescription)
        }
    }

    func run() async throws {
        logging.bootstrap()
        ProcessSetup.run()
        let logger = Logger(label: "harrier")
        let service = BrokerService(
            try makeConfiguration(),
            plugins: Plugins.all(for: self),
            logger: logger,
            whenReady: Self.announce
        )
        let group = ServiceGroup(services: [service], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        try await group.run()
    }

    private func makeConfiguration() throws -> ServerConfiguration {
        var configuration = ServerConfiguration(broker: limits.makeConfiguration(dataDirectory: dataDir))
        storage.apply(to: &configuration.broker)
        configuration.definitions = try DefinitionsSource(paths: definitions).load()
        configuration.bindAddress = bind
        configuration.amqpPort = amqpPort
        configuration.ioThreadCount = ioThreads
        configuration.tls = tls.makeConfiguration()
        return configuration
    }

    private static func announce(_ server: BrokerServer) {
        let order = ["amqp", "http", "amqps"]
        let ports = order.flatMap { name in server.listeners.filter { $0.name == name } }
            .map { "\($0.name)=\($0.port)" }
        StandardStream.output.writeLine("ready \(ports.joined(separator: " ")) pid=\(ProcessSetup.processID)")
        StandardStream.error.writeLine(
            """
            Harrier \(ServerVersion.text) is ready. Connect any AMQP 0-9-1 client to \
            amqp://\(server.bindAddress):\(server.amqpPort)/ and stop it with Ctrl-C.
            """
        )
        StartUpPages.release()
    }
}
