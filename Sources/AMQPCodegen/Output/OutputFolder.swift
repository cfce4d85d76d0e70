import Foundation

/// The folder of the generated files. It holds nothing else, so what is not generated any more is removed.
struct OutputFolder {
    private let url: URL

    init(_ url: URL) {
        self.url = url
    }

    /// Names of the files that differ, are missing, or should not be there; sorted.
    func stale(comparedWith files: [SourceFile]) throws -> [String] {
        var stale = try unexpected(besides: files)
        for file in files where try Data(file.text.utf8) != current(file.name) {
            stale.append(file.name)
        }
        return stale.sorted()
    }

    /// Brings the folder up to date. Files that are right already are not touched, so that nothing is built in vain.
    func write(_ files: [SourceFile]) throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        for name in try unexpected(besides: files) {
            try FileManager.default.removeItem(at: url.appending(path: name))
        }
        for file in files where try Data(file.text.utf8) != current(file.name) {
            try Data(file.text.utf8).write(to: url.appending(path: file.name), options: .atomic)
        }
    }

    private func unexpected(besides files: [SourceFile]) throws -> [String] {
        guard FileManager.default.fileExists(atPath: url.path) else { return [] }
        let expected = Set(files.map(\.name))
        return try FileManager.default.contentsOfDirectory(atPath: url.path).filter { !expected.contains($0) }
    }

    private func current(_ name: String) throws -> Data? {
        let file = url.appending(path: name)
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        return try Data(contentsOf: file)
    }
}
