/// How a definition file is written. Both formats have the same keys.
public enum DefinitionFormat: Hashable, Sendable, CaseIterable {
    case json
    case yaml

    /// By the end of the file's name: `.json`, or `.yaml` and `.yml`; `nil` for all others.
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

    /// The largest file, in bytes. JSON is what brokers export, by the hundred thousand queues; YAML is written by hand,
    /// and costs much more memory to read.
    public var bytesMax: Int {
        switch self {
        case .json: 128 << 20
        case .yaml: 16 << 20
        }
    }
}
