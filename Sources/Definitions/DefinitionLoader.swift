/// Reads definition files.
public enum DefinitionLoader {
    /// Reads files, and folders of files, and merges them in order.
    public static func load(paths: [String]) throws(DefinitionErrors) -> DefinitionSet {
        throw DefinitionErrors([])
    }

    /// Reads one text; `file` is only for error messages.
    public static func parse(text: String, file: String) throws(DefinitionErrors) -> DefinitionSet {
        throw DefinitionErrors([])
    }
}
