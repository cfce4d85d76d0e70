/// One entry of a section, or a table that is read like one.
struct SectionEntry {
    var members: [SourceNode.Member]
    var position: SourcePosition

    /// The value of that key. One that is null counts as absent: YAML has that where nothing stands behind a key.
    subscript(key: String) -> SourceNode? {
        guard let value = members.first(where: { $0.key == key })?.value else { return nil }
        if case .null = value.content { return nil }
        return value
    }
}
