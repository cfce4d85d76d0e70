import CommandRuns
import Foundation
import Synchronization
import TestServers

/// A running `harrier serve`: the binary beside the test bundle, or the one that `HARRIER_BINARY` names.
///
/// Between it and this process stands a shell that reads from a socket, the leash: when that closes, because
/// `end` was called or because this process died in whatever way, the shell kills the broker and reaps it.
final class BrokerProcess: Sendable {
    /// The process ended, or 60 seconds passed, where the ready line was to come.
    struct NotReady: Error {
        let output: String
        let errorText: String
    }

    /// The broker's, not the shell's.
    let processID: Int32
    let amqpPort: Int
    let httpPort: Int
    /// From before the shell was started to the ready line.
    let startMilliseconds: Double
    private let shellID: pid_t
    private let errorPath: String
    private let leash: Mutex<Int32?>

    private static let readyTimeoutMilliseconds: Int32 = 60_000

    /// Starts it on the folder's data, on any free ports. It is ready when this returns.
    ///
    /// - Parameter options: more options for `serve`.
    static func start(in directory: TemporaryDirectory, options: [String] = []) async throws -> BrokerProcess {
        try await Blocking.run { try BrokerProcess(in: directory, options: options) }
    }

    private init(in directory: TemporaryDirectory, options: [String]) throws {
        let begin = ContinuousClock.now
        errorPath = "\(directory.path)/errors-\(UUID().uuidString)"
        let (leashEnd, leash) = try ChildProcess.makePipe()
        let (output, outputEnd) = try ChildProcess.makePipe()
        shellID = try ChildProcess.spawn(
            ["/bin/sh", "-c", Self.script, Self.binary, directory.path] + options,
            input: .descriptor(leashEnd), output: .descriptor(outputEnd), errorOutput: .file(errorPath))
        close(leashEnd)
        close(outputEnd)
        defer { close(output) }
        let line = Self.readLine(from: output)
        let values = line.split(separator: " ").map { $0.split(separator: "=") }
        func value(_ name: String) -> Int? {
            values.first { $0.count == 2 && $0[0] == name }.flatMap { Int($0[1]) }
        }
        guard line.hasPrefix("ready "), let port = value("amqp"), let httpPort = value("http"),
            let processID = value("pid")
        else {
            close(leash)
            var status: Int32 = 0
            waitpid(shellID, &status, 0)
            throw NotReady(output: line, errorText: Self.text(ofFile: errorPath))
        }
        self.leash = Mutex(leash)
        self.amqpPort = port
        self.httpPort = httpPort
        self.processID = Int32(processID)
        let passed = ContinuousClock.now - begin
        startMilliseconds = Double(passed.components.attoseconds) / 1e15 + Double(passed.components.seconds) * 1e3
    }

    deinit {
        reap()
    }

    /// Kills it (SIGKILL), if nobody has, and returns when it is gone and its folder is free.
    func end() async {
        await Blocking.run { self.reap() }
    }

    private func reap() {
        let held = leash.withLock { leash in
            defer { leash = nil }
            return leash
        }
        guard let held else { return }
        close(held)
        var status: Int32 = 0
        while waitpid(shellID, &status, 0) == -1, errno == EINTR {}
    }

    /// What it has written to standard error so far.
    var errorText: String { Self.text(ofFile: errorPath) }

    /// Resident memory in KiB, as the kernel counts it.
    func residentKibibytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) } ?? 0
    }

    func openDescriptorCount() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(processID)/fd").count
    }

    // MARK: Starting

    /// $0 is the binary, $1 the folder, then come options. The working directory is the folder, so that no definitions lie
    /// about.
    private static let script = """
        cd "$1" || exit 1
        shift
        "$0" serve --data-dir data --amqp-port 0 --http-port 0 "$@" &
        broker=$!
        exec >&-
        read -r line
        kill -9 $broker 2>/dev/null
        wait $broker 2>/dev/null
        """

    private static var binary: String {
        if let named = ProcessInfo.processInfo.environment["HARRIER_BINARY"] { return named }
        return ChildProcess.builtProgram("harrier")
    }

    /// Up to the end of the line, of the file or of the time.
    private static func readLine(from file: Int32) -> String {
        var bytes: [UInt8] = []
        var next: UInt8 = 0
        while true {
            var wanted = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
            guard poll(&wanted, 1, readyTimeoutMilliseconds) == 1, read(file, &next, 1) == 1,
                next != UInt8(ascii: "\n")
            else { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(next)
        }
    }

    private static func text(ofFile path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}
