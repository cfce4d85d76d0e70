import AMQPProtocol

/// What a binding of a headers exchange asks for with its argument `x-match`.
enum HeadersMatch: String {
    /// All headers of the binding have to fit; what `x-match` is when it is left out.
    case all
    /// One is enough.
    case any
    /// As the two above, but headers whose names begin with `x-` count too.
    case allWithX = "all-with-x"
    case anyWithX = "any-with-x"

    /// Throws 406 with RabbitMQ's text for any other value.
    init(_ arguments: FieldTable) throws(AMQPException) {
        guard let value = arguments["x-match"] else {
            self = .all
            return
        }
        guard case .longString = value else {
            throw .channel(
                .preconditionFailed,
                "Invalid x-match field type \(value.typeName) (value \(value.erlangText)); expected longstr")
        }
        guard let match = value.stringValue.flatMap(Self.init(rawValue:)) else {
            throw .channel(
                .preconditionFailed,
                "Invalid x-match field value \(value.erlangText); expected all, any, all-with-x, or any-with-x")
        }
        self = match
    }

    var needsAll: Bool { self == .all || self == .allWithX }

    /// Whether the binding's field of that name is one that headers have to fit.
    func considers(_ name: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .all, .any: !name.starts(with: "x-".utf8)
        case .allWithX, .anyWithX: !name.elementsEqual("x-match".utf8)
        }
    }
}
