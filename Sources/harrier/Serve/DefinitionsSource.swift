import Definitions

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where `serve` finds its definitions.
struct DefinitionsSource {
    /// Used without `--definitions` if it is in the working directory.
    static let defaultFile = "Definitions/default.yaml"

    let paths: [String]

    /// `nil` if there are none. Throws every error of all files.
    func load() throws(DefinitionErrors) -> DefinitionSet? {
        if !paths.isEmpty { return try DefinitionLoader.load(paths: paths) }
        guard access(Self.defaultFile, R_OK) == 0 else { return nil }
        return try DefinitionLoader.load(paths: [Self.defaultFile])
    }
}
