import Hummingbird

/// What stands behind the question mark. Of a name that stands twice the first counts, unless all are asked for.
struct Query {
    private var values: [String: [String]] = [:]

    /// - Throws: 400 for bad percent-encoding.
    init(_ request: Request) throws { try self.init(request.uri.query ?? "") }

    init(_ text: String) throws {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(parts[0], plusIsSpace: true),
                let value = PercentEncoding.decode(parts.count > 1 ? parts[1] : "", plusIsSpace: true)
            else { throw APIError.badRequest("bad percent-encoding in the query") }
            values[name, default: []].append(value)
        }
    }

    /// Nil if it is not there, or empty.
    subscript(name: String) -> String? {
        values[name]?.first.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// As often as it is there, without empty ones.
    func all(_ name: String) -> [String] { (values[name] ?? []).filter { !$0.isEmpty } }

    /// - Throws: 400 for what is no number in the range.
    func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = self[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw APIError.badRequest(
                "\(name): expected a number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
        }
        return number
    }

    func boolean(_ name: String) -> Bool { self[name] == "true" }

    /// One of some words.
    ///
    /// - Throws: 400 for another one.
    func choice<Choice: RawRepresentable & CaseIterable>(_ name: String, as type: Choice.Type) throws -> Choice?
    where Choice.RawValue == String {
        guard let text = self[name] else { return nil }
        return try Self.choice(name, text)
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, _ text: String
    ) throws -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw APIError.badRequest("\(name): expected one of \(known), not '\(text)'")
        }
        return choice
    }
}
