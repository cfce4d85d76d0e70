import Foundation

/// A file to be read.
struct DefinitionFile {
    var path: String
    var format: DefinitionFormat

    /// The file at a path, or the definition files of the folder there, in the order of their names.
    static func files(at path: String) throws(FileError) -> [DefinitionFile] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw FileError(message: "no such file or folder")
        }
        guard isFolder.boolValue else {
            guard let format = DefinitionFormat(file: path) else {
                throw FileError(message: "the name of a definition file ends in .json, .yaml or .yml")
            }
            return [DefinitionFile(path: path, format: format)]
        }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw FileError(message: "the folder cannot be read")
        }
        let prefix = path.hasSuffix("/") ? path : path + "/"
        let files = names.filter { !$0.hasPrefix(".") }.sorted().compactMap { name in
            DefinitionFormat(file: name).map { DefinitionFile(path: prefix + name, format: $0) }
        }
        guard !files.isEmpty else {
            throw FileError(message: "the folder has no files whose names end in .json, .yaml or .yml")
        }
        return files
    }

    /// All of its text.
    func text() throws(FileError) -> String {
        let bytes: Data
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            // One byte more than allowed tells a file that is too large, without reading all of it.
            bytes = try file.read(upToCount: format.bytesMax + 1) ?? Data()
        } catch let error as CocoaError where error.code == .fileReadNoPermission {
            throw FileError(message: "no permission to read the file")
        } catch {
            throw FileError(message: "the file cannot be read")
        }
        guard bytes.count <= format.bytesMax else {
            throw FileError(message: "larger than \(format.bytesMax >> 20) MiB, the most that is read of this format")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw FileError(message: "not UTF-8")
        }
        return text
    }
}
