import Hummingbird
import LosslessJSON

/// The JSON object that a request has as its body. Nothing in it is passed over: a name that nobody knows is refused, since
/// somebody has meant something by it.
struct RequestFields {
    private let values: [String: JSONValue]

    /// - Parameter known: the names that mean something.
    /// - Throws: 400 if it is no such object.
    init(_ request: Request, known: Set<String>) async throws {
        let bytes = (try await request.body.collect(upTo: 20 << 20)).readableBytesView
        guard !bytes.isEmpty else {
            values = [:]
            return
        }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw APIError.badRequest("the body is no JSON: \(error)")
        }
        guard let fields = value.object else { throw APIError.badRequest("the body is no JSON object") }
        if let name = fields.keys.sorted().first(where: { !known.contains($0) }) {
            let names = known.sorted().joined(separator: ", ")
            throw APIError.badRequest("no field is called '\(name)': expected some of \(names)")
        }
        values = fields.filter { $0.value != .null }
    }

    var names: Set<String> { Set(values.keys) }

    func has(_ name: String) -> Bool { values[name] != nil }

    func value(_ name: String) -> JSONValue? { values[name] }

    func text(_ name: String) throws -> String? {
        switch values[name] {
        case nil: nil
        case .string(let text): text
        default: throw APIError.badRequest("\(name): expected a text")
        }
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        switch values[name] {
        case nil: return nil
        case .integer(let number):
            if let number = Int(exactly: number), range.contains(number) { return number }
        default: break
        }
        throw APIError.badRequest("\(name): expected a number from \(range.lowerBound) to \(range.upperBound)")
    }

    func list(_ name: String) throws -> [JSONValue] {
        guard case .array(let values)? = values[name] else { throw APIError.badRequest("\(name): expected a list") }
        return values
    }

    func choice<Choice: RawRepresentable & CaseIterable>(_ name: String, as type: Choice.Type) throws -> Choice?
    where Choice.RawValue == String {
        guard let text = try text(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw APIError.badRequest("\(name): expected one of \(known), not '\(text)'")
        }
        return choice
    }
}
