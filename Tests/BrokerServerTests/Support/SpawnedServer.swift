import CommandRuns
import Foundation
import TestServers

/// A `harrier` process: the binary beside the test bundle.
final class SpawnedServer {
    /// The process ended where a line was to come.
    struct Ended: Error {
        let line: String?
    }

    private let process: ChildProcess
    private var outputLines: AsyncStream<String>.AsyncIterator
    private var errorLines: AsyncStream<String>.AsyncIterator

    /// Starts it in the directory.
    ///
    /// - Parameter openFilesMax: what the process may open, by its hard limit; as many as this one by default.
    init(_ arguments: [String], in directory: TemporaryDirectory, openFilesMax: Int? = nil) throws {
        var command = [ChildProcess.builtProgram("harrier")] + arguments
        if let openFilesMax { command = ["/bin/sh", "-c", "ulimit -n \(openFilesMax); exec \"$0\" \"$@\""] + command }
        let (output, outputEnd) = try ChildProcess.makePipe()
        let (error, errorEnd) = try ChildProcess.makePipe()
        process = try ChildProcess(
            command, directory: directory.path, output: .descriptor(outputEnd), errorOutput: .descriptor(errorEnd))
        close(outputEnd)
        close(errorEnd)
        outputLines = Self.lines(of: output).makeAsyncIterator()
        errorLines = Self.lines(of: error).makeAsyncIterator()
    }

    deinit {
        process.signal(SIGTERM)
    }

    /// A thread reads the file and ends with it.
    private static func lines(of descriptor: Int32) -> AsyncStream<String> {
        AsyncStream { continuation in
            Thread.detachNewThread {
                let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
                var pending = Data()
                while case let data = file.availableData, !data.isEmpty {
                    pending += data
                    while let end = pending.firstIndex(of: 0x0a) {
                        continuation.yield(String(decoding: pending[..<end], as: UTF8.self))
                        pending = Data(pending[pending.index(after: end)...])
                    }
                }
                continuation.finish()
            }
        }
    }

    var processID: Int32 { process.processID }

    /// The next line of standard output.
    func nextLine() async throws -> String {
        guard let line = await outputLines.next() else { throw Ended(line: await standardError()) }
        return line
    }

    /// The ports in the ready line, by protocol.
    func waitUntilReady() async throws -> [String: Int] {
        let line = try await nextLine()
        guard line.hasPrefix("ready ") else { throw Ended(line: line) }
        let pairs = line.split(separator: " ").dropFirst().map { $0.split(separator: "=") }
        return Dictionary(uniqueKeysWithValues: pairs.compactMap { pair in Int(pair[1]).map { (String(pair[0]), $0) } })
    }

    /// Waits for a line of standard error with this in it.
    func waitForErrorLine(containing text: String) async throws {
        while let line = await errorLines.next() {
            if line.contains(text) { return }
        }
        throw Ended(line: nil)
    }

    /// What is left of standard error, when it has ended.
    func standardError() async -> String {
        var lines: [String] = []
        while let line = await errorLines.next() { lines.append(line) }
        return lines.joined(separator: "\n")
    }

    func signal(_ number: Int32) {
        process.signal(number)
    }

    /// Waits for the end; the exit code. Called once.
    func exitCode() async -> Int32 {
        while await outputLines.next() != nil {}
        return await process.exitCode()
    }
}
