import Foundation

/// The checkout that the tests were built from.
enum Checkout {
    struct File {
        let path: String
        let lines: [Substring]

        /// What the file's import declarations name, whatever stands in front of them.
        var importedModules: [String] {
            lines.compactMap { line in
                let words = line.split(separator: " ")
                guard let index = words.firstIndex(of: "import"), index + 1 < words.count else { return nil }
                guard words[..<index].allSatisfy({ $0.hasPrefix("@") || $0 == "public" || $0 == "package" }) else {
                    return nil
                }
                // `import struct Module.Name` names one declaration.
                let name = ["struct", "enum", "class", "func"].contains(words[index + 1]) ? index + 2 : index + 1
                guard name < words.count else { return nil }
                return String(words[name].prefix { $0 != "." })
            }
        }
    }

    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func swiftFiles(in folder: String) throws -> [File] {
        let base = root.appending(path: folder)
        guard let found = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil) else {
            throw CocoaError(.fileNoSuchFile)
        }
        return try found.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.map { url in
            let text = try String(contentsOf: url, encoding: .utf8)
            return File(
                path: String(url.path.dropFirst(root.path.count)),
                lines: text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }

    static func folders(in folder: String) throws -> [String] {
        let urls = try FileManager.default.contentsOfDirectory(
            at: root.appending(path: folder), includingPropertiesForKeys: [.isDirectoryKey])
        return try urls.filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
            .map(\.lastPathComponent)
    }
}
