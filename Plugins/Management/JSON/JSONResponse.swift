import Hummingbird

/// An answer of any JSON.
struct JSONResponse: ResponseEncodable {
    private let value: JSONValue

    init(_ value: JSONValue) { self.value = value }

    func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
}
