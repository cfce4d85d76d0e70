/// How a definition file is written. Both have the same keys.
public enum DefinitionFormat: Hashable, Sendable, CaseIterable {
    case json
    case yaml

    /// By the end of the file's name: `.json`, or `.yaml` and `.yml`.
    public init?(file: String) {
        let name = file.lowercased()
        if name.hasSuffix(".json") {
            self = .json
        } else if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            self = .yaml
        } else {
            return nil
        }
    }
}
