/// What messages are grouped by: a field as filters name it, `reason`, `source`, `key`, `header.NAME`, `$.json.path`…
public struct GroupKey: Sendable {
    /// Of a key, in bytes: what is longer is cut, and the same from there on.
    public static let bytesMax = 256

    public let text: String
    let subject: FilterSubject

    /// - Throws: `FilterError` for what is no field, and for times, of which every message has its own.
    public init(_ text: String) throws(FilterError) {
        self.text = text
        var parser = try FilterParser(text)
        subject = try parser.parseSubject()
        if case .time = subject.kind {
            throw FilterError(message: "every message has a time of its own: group by something else", column: 1)
        }
    }
}
