import Foundation
import Synchronization

/// A program that a test has started.
///
/// Not Foundation's `Process`: to start one, that copies entries of /proc/self/fd from behind the end of what it has read, and
/// crashes where very many files are open, as they are while tests run in parallel.
public final class ChildProcess: Sendable {
    /// What one of its standard streams is.
    public enum Stream: Sendable {
        case null
        /// Of this process, which keeps its own copy.
        case descriptor(Int32)
        /// Appended to.
        case file(String)
    }

    public let processID: pid_t
    private let isRunning = Mutex(true)
    /// Gets the code when the process has ended.
    private let exitCodes: AsyncStream<Int32>

    /// - Parameter arguments: the path of the program is the first.
    public init(
        _ arguments: [String], directory: String? = nil, input: Stream = .null, output: Stream, errorOutput: Stream
    ) throws {
        // What posix_spawn has for that is no standard.
        let elsewhere = directory.map { ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", $0] } ?? []
        processID = try Self.spawn(elsewhere + arguments, input: input, output: output, errorOutput: errorOutput)
        let (exitCodes, code) = AsyncStream.makeStream(of: Int32.self)
        self.exitCodes = exitCodes
        // A thread of its own: those that tests run on are few.
        Thread.detachNewThread { [self] in
            code.yield(reap())
            code.finish()
        }
    }

    private func reap() -> Int32 {
        // It stays what its number names until nobody can send it signals any more.
        var info = siginfo_t()
        while waitid(P_PID, id_t(processID), &info, WEXITED | WNOWAIT) == -1, errno == EINTR {}
        return isRunning.withLock { isRunning in
            isRunning = false
            var status: Int32 = 0
            waitpid(processID, &status, 0)
            let signal = status & 0x7f
            return signal == 0 ? (status >> 8) & 0xff : 128 + signal
        }
    }

    /// Nothing happens if it has ended.
    public func signal(_ number: Int32) {
        isRunning.withLock { isRunning in
            if isRunning { kill(processID, number) }
        }
    }

    /// Waits for the end; the exit code, or 128 and the signal that has ended it. Called once.
    public func exitCode() async -> Int32 {
        for await code in exitCodes { return code }
        preconditionFailure("asked for twice")
    }

    // MARK: The system's calls

    /// A program of the build that the test bundle is of.
    public static func builtProgram(_ name: String) -> String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: name).path
    }

    /// A pair of sockets: unlike the ends of a pipe, they can be made so that no child of another thread inherits them.
    public static func makePipe() throws -> (end: Int32, otherEnd: Int32) {
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EMFILE)
        }
        return (ends[0], ends[1])
    }

    /// Starts a program, for whoever reaps it himself.
    public static func spawn(
        _ arguments: [String], input: Stream = .null, output: Stream, errorOutput: Stream
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, stream) in [input, output, errorOutput].enumerated() {
            add(stream, as: Int32(number), to: &actions)
        }
        // The threads that tasks run on have signals blocked that a shell can't do without.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var pointers = arguments.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        pointers.append(nil)
        var processID: pid_t = 0
        let code = posix_spawn(&processID, arguments[0], &actions, &attributes, pointers, environ)
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .ENOEXEC) }
        return processID
    }

    private static func add(_ stream: Stream, as number: Int32, to actions: inout posix_spawn_file_actions_t) {
        switch stream {
        case .null:
            posix_spawn_file_actions_addopen(&actions, number, "/dev/null", number == 0 ? O_RDONLY : O_WRONLY, 0)
        case .descriptor(let descriptor): posix_spawn_file_actions_adddup2(&actions, descriptor, number)
        case .file(let path):
            posix_spawn_file_actions_addopen(&actions, number, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
    }
}
