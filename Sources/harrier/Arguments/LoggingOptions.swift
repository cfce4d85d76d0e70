import ArgumentParser
import Logging

/// Where log lines go, for every subcommand that has any: standard error.
struct LoggingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Least severe lines to log: \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "level"
        ),
        transform: { text throws in
            guard let level = Logger.Level(rawValue: text) else {
                let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("'\(text)' is not a log level: \(levels)")
            }
            return level
        }
    )
    var logLevel = Logger.Level.info

    /// Call once in the life of the process.
    func bootstrap() {
        let level = logLevel
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
    }
}
