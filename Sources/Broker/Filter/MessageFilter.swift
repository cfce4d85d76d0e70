/// Which messages somebody means: a text like `reason = rejected and age > 2h and not body contains "test"`.
///
/// It is evaluated on messages' stored bytes, in time bounded by `FilterLimits`.
public struct MessageFilter: Sendable {
    /// As it was given.
    public let text: String
    let root: FilterNode
    /// Ids that it names, if only messages with one of them can match.
    let places: [QueueLines.Place]?

    /// Every message.
    public static let everything = MessageFilter()

    private init() {
        text = ""
        root = .everything
        places = nil
    }

    /// - Parameter text: an empty one means every message.
    /// - Throws: `FilterError`, which says where it is wrong and what would be right.
    public init(_ text: String) throws(FilterError) {
        self.text = text
        var parser = try FilterParser(text)
        root = try parser.parse()
        places = root.requiredIDs.map { ids in ids.map { QueueLines.Place(sequence: $0) } }
    }

    /// What both match.
    ///
    /// - Throws: if that is more than a filter may be.
    public func and(_ other: MessageFilter) throws(FilterError) -> MessageFilter {
        if isEverything { return other }
        if other.isEverything { return self }
        return try MessageFilter("(\(text)) and (\(other.text))")
    }

    /// Messages with that text in a header.
    public static func header(_ name: String, is text: String) -> MessageFilter {
        // By scalars: with an accent behind it, a quote is another character, and still a quote.
        var quoted = ""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        guard let filter = try? MessageFilter("header.\"\(name)\" = \"\(quoted)\"") else {
            preconditionFailure("a filter of our own can't be read")
        }
        return filter
    }

    public var isEverything: Bool { if case .everything = root { true } else { false } }

    func verdict(on message: WalkedMessage, nowMilliseconds: UInt64) -> FilterVerdict {
        if case .everything = root { return .yes }
        var name = message.queue.name
        return name.withUTF8 { name in
            var filtered = FilteredMessage(
                message, nowMilliseconds: nowMilliseconds, queueName: UnsafeRawBufferPointer(name))
            return root.verdict(on: &filtered)
        }
    }
}
