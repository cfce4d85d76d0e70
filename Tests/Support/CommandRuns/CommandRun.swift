import Foundation

/// What a run of a program came to.
public struct CommandRun: Sendable {
    public let exitCode: Int32
    public let output: String
    public let errorOutput: String

    public var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// Runs the `harrier` binary beside the test bundle to its end.
    ///
    /// - Parameter inputFile: what it reads; nothing without one.
    public static func run(_ arguments: [String], inputFile: String? = nil) async throws -> CommandRun {
        try await run(ChildProcess.builtProgram("harrier"), arguments, inputFile: inputFile)
    }

    /// Runs any program to its end.
    public static func run(
        _ program: String, _ arguments: [String], directory: String? = nil, inputFile: String? = nil
    ) async throws -> CommandRun {
        let input = try inputFile.map { try FileHandle(forReadingFrom: URL(filePath: $0)) }
        let (output, outputEnd) = try ChildProcess.makePipe()
        let (errorOutput, errorEnd) = try ChildProcess.makePipe()
        let child = try ChildProcess(
            [program] + arguments, directory: directory,
            input: input.map { .descriptor($0.fileDescriptor) } ?? .null, output: .descriptor(outputEnd),
            errorOutput: .descriptor(errorEnd))
        close(outputEnd)
        close(errorEnd)
        async let text = read(output)
        async let errorText = read(errorOutput)
        let exitCode = await child.exitCode()
        return CommandRun(exitCode: exitCode, output: await text, errorOutput: await errorText)
    }

    /// On a thread of its own: those that tests run on are few.
    private static func read(_ descriptor: Int32) async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
                continuation.resume(returning: String(decoding: file.readDataToEndOfFile(), as: UTF8.self))
            }
        }
    }
}
