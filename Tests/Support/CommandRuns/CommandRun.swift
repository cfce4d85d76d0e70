import Foundation

/// What a run of the `harrier` binary beside the test bundle came to.
public struct CommandRun: Sendable {
    public let exitCode: Int32
    public let output: String
    public let errorOutput: String

    public var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// Runs it to its end.
    ///
    /// - Parameter inputFile: what it reads; nothing without one.
    public static func run(_ arguments: [String], inputFile: String? = nil) async throws -> CommandRun {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: "harrier")
        process.arguments = arguments
        let output = Pipe()
        let errorOutput = Pipe()
        let input = try inputFile.map { try FileHandle(forReadingFrom: URL(filePath: $0)) } ?? FileHandle.nullDevice
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errorOutput
        let (codes, code) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            code.yield(process.terminationStatus)
            code.finish()
        }
        try process.run()
        // On threads of their own: those that tests run on are few.
        async let text = Self.read(output.fileHandleForReading)
        async let errorText = Self.read(errorOutput.fileHandleForReading)
        var exitCode: Int32 = -1
        for await ended in codes { exitCode = ended }
        return CommandRun(exitCode: exitCode, output: await text, errorOutput: await errorText)
    }

    private static func read(_ file: FileHandle) async -> String {
        await withCheckedContinuation { continuation in
            let reader = Thread {
                continuation.resume(returning: String(decoding: file.readDataToEndOfFile(), as: UTF8.self))
            }
            reader.start()
        }
    }
}
