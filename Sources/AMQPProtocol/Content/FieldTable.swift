/// A field table: named values in the order they came in, which RabbitMQ keeps (`x-death` depends on it). Small by
/// nature, so looked through from the front. A name that stands twice: the first counts.
public struct FieldTable: Hashable, Sendable {
    /// How many levels of tables and arrays there may be below a table. RabbitMQ has no limit; ours keeps the
    /// decoder's stack bounded.
    public static let nestingMax = 64

    public struct Entry: Hashable, Sendable {
        public var name: String
        public var value: FieldValue

        public init(name: String, value: FieldValue) {
            self.name = name
            self.value = value
        }

        public static func == (left: Entry, right: Entry) -> Bool {
            left.name.hasSameBytes(as: right.name) && left.value == right.value
        }

        public func hash(into hasher: inout Hasher) {
            hasher.combine(WireName(name))
            hasher.combine(value)
        }
    }

    public var entries: [Entry]

    public init(_ entries: [Entry] = []) {
        self.entries = entries
    }

    public var isEmpty: Bool { entries.isEmpty }
    public var count: Int { entries.count }

    /// The value of that name; setting replaces in place or appends, `nil` removes.
    public subscript(name: String) -> FieldValue? {
        get { entries.first { $0.name.hasSameBytes(as: name) }?.value }
        set {
            let index = entries.firstIndex { $0.name.hasSameBytes(as: name) }
            switch (index, newValue) {
            case (let index?, let value?): entries[index].value = value
            case (let index?, nil): entries.remove(at: index)
            case (nil, let value?): entries.append(Entry(name: name, value: value))
            case (nil, nil): break
            }
        }
    }
}

extension FieldTable: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, FieldValue)...) {
        entries = elements.map { Entry(name: $0.0, value: $0.1) }
    }
}
