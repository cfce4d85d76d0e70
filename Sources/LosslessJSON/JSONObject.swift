/// An object of JSON, for reading what is in it by name.
public struct JSONObject: Equatable, Sendable {
    public var fields: [String: JSONValue]

    public init(_ fields: [String: JSONValue]) { self.fields = fields }

    public subscript(name: String) -> JSONValue? {
        get { fields[name] }
        set { fields[name] = newValue }
    }

    // Each is nil if nothing of that kind has the name.

    public func text(_ name: String) -> String? { fields[name]?.string }

    public func integer(_ name: String) -> Int? { fields[name]?.integer }

    public func object(_ name: String) -> JSONObject? { fields[name]?.object.map { JSONObject($0) } }

    /// Those elements of an array that are objects.
    public func objects(_ name: String) -> [JSONObject]? {
        fields[name]?.array?.compactMap { $0.object.map { JSONObject($0) } }
    }

    /// Those elements of an array that are texts.
    public func texts(_ name: String) -> [String]? { fields[name]?.array?.compactMap(\.string) }

    /// False also for what is not there.
    public func boolean(_ name: String) -> Bool { fields[name]?.boolean ?? false }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        fields = Dictionary(elements) { first, _ in first }
    }
}
