/// One entry of a section, or a table that is read like one.
struct SectionEntry {
    var members: [SourceNode.Member]
    var position: SourcePosition
    /// A broker wrote it. Brokers may write null for what is not there; a null that somebody wrote by hand is a slip,
    /// for example `routing_key: #`, where YAML takes the rest of the line for a comment.
    var isExport: Bool

    /// The value of that key.
    subscript(key: String) -> SourceNode? {
        guard let value = members.first(where: { $0.key == key })?.value else { return nil }
        if isExport, case .null = value.content { return nil }
        return value
    }
}
