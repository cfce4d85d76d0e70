import ArgumentParser
import Foundation

/// Has somebody edit a text in their editor.
struct EditorSession {
    private let editor: String
    private let folder: URL
    /// What is edited.
    let file: URL

    /// - Throws: the exit code if there is no editor.
    init(_ text: String) throws {
        let environment = ProcessInfo.processInfo.environment
        guard
            let editor = [environment["VISUAL"], environment["EDITOR"]].compactMap({ $0 }).first(where: { !$0.isEmpty })
        else {
            StandardStream.error.writeLine("harrier: neither $VISUAL nor $EDITOR says which editor; see --patch")
            throw ExitCode(2)
        }
        self.editor = editor
        folder = FileManager.default.temporaryDirectory.appending(path: "harrier-edit-\(UUID().uuidString)")
        file = folder.appending(path: "message.json")
        // A message is nobody else's business.
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        try Data(text.utf8).write(to: file)
    }

    /// - Returns: the text as they have left it.
    /// - Throws: the exit code if the editor ends with another code than 0.
    func edit() throws -> String {
        guard Self.run(editor, on: file.path) == 0 else {
            StandardStream.error.writeLine("harrier: the editor has failed")
            throw ExitCode.failure
        }
        return String(decoding: try Data(contentsOf: file), as: UTF8.self)
    }

    /// Deletes the file.
    func end() { try? FileManager.default.removeItem(at: folder) }

    /// In the terminal's foreground, as `Process` would not: that gives a child a process group of its own.
    ///
    /// - Returns: what it has ended with; nil if it could not be started or was killed.
    private static func run(_ editor: String, on file: String) -> Int32? {
        let words = ["/bin/sh", "-c", "\(editor) \"$1\"", "sh", file]
        let settings = ProcessInfo.processInfo.environment.map { "\($0)=\($1)" }
        let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        let environment: [UnsafeMutablePointer<CChar>?] = settings.map { strdup($0) } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var process: pid_t = 0
        guard posix_spawn(&process, "/bin/sh", nil, nil, arguments, environment) == 0 else { return nil }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { return nil }
        }
        return status & 0x7f == 0 ? (status >> 8) & 0xff : nil
    }
}
