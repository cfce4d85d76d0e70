import AMQPProtocol
import Definitions
import FoundationEssentials
import Logging
import SegmentLog

/// A broker that nobody connects to, on a folder that goes with it: what it refuses, `harrier serve` refuses.
public enum BlankBroker {
    /// - Parameters:
    ///   - extensions: of the plugins that `harrier serve` runs with.
    ///   - logger: gets a warning of what has no effect, as `harrier serve` gives it.
    /// - Returns: what is wrong with where dead letters go, by virtual host: it may be that clients declare what is missing.
    /// - Throws: `DefinitionErrors` for what the broker can't carry out, `StorageError` if there is no room for it.
    public static func tryOut(
        _ definitions: DefinitionSet, extensions: BrokerExtensions = BrokerExtensions(),
        logger: Logger = Logger(label: "check") { _ in SwiftLogNoOpLogHandler() }
    ) throws -> [(virtualHost: String, problem: DeadLetterProblem)] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "harrier-check-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var configuration = BrokerConfiguration(dataDirectory: folder.path)
        configuration.sync = .none
        configuration.segmentBytes = 1 << 20
        configuration.messageBytesMax = 1 << 19
        let core = try BrokerCore(
            configuration: configuration, extensions: extensions, logger: logger, notify: {})
        defer { core.close() }
        try core.begin(with: definitions)
        core.warnOfParametersWithoutEffect()
        return core.virtualHosts.values.sorted { WireName($0.name) < WireName($1.name) }.flatMap { host in
            host.deadLetterProblems().map { (host.name, $0) }
        }
    }
}
