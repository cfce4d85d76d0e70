import Foundation

/// Reads definition files: RabbitMQ's exports as they are, and the same keys in YAML.
///
/// A text is read in full before anything is returned, and every file before anything is thrown: what is thrown is all
/// that is wrong (at most 10,000 errors), what is returned has no errors at all. Nothing in here is about a running
/// broker: whether an exchange exists that a binding names is for the broker to say.
public enum DefinitionLoader {
    /// Reads files, and merges what they define in the given order.
    ///
    /// - Parameter paths: Files whose names end in `.json`, `.yaml` or `.yml`, and folders; of a folder all such files
    ///   directly in it are read, in the order of their names, save hidden ones. Limits: 128 MiB for a JSON file,
    ///   16 MiB and two million values for a YAML file, 64 levels of nesting.
    /// - Throws: All errors of all files. That the same thing is defined twice, in one file or in two, is one.
    public static func load(paths: [String]) throws(DefinitionErrors) -> DefinitionSet {
        var reader = DefinitionReader()
        for path in paths {
            do throws(FileError) {
                for file in try DefinitionFile.files(at: path) {
                    do throws(FileError) {
                        reader.read(try file.text(), file: file.path, format: file.format)
                    } catch {
                        reader.report(file: file.path, error.message)
                    }
                }
            } catch {
                reader.report(file: path, error.message)
            }
        }
        return try result(of: reader)
    }

    /// Reads one text.
    ///
    /// - Parameter file: What errors call the text. A name that ends in `.json` makes it JSON, any other makes it YAML.
    /// - Throws: All errors in the text.
    public static func parse(text: String, file: String) throws(DefinitionErrors) -> DefinitionSet {
        var reader = DefinitionReader()
        reader.read(text, file: file, format: DefinitionFormat(file: file) ?? .yaml)
        return try result(of: reader)
    }

    private static func result(of reader: DefinitionReader) throws(DefinitionErrors) -> DefinitionSet {
        guard reader.errors.isEmpty else { throw DefinitionErrors(reader.errors) }
        return reader.definitions
    }
}
