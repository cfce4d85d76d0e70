import AMQPProtocol
import ArgumentParser
import Foundation
import LosslessJSON

/// Takes headers, and fields of JSON bodies, out of exported messages.
struct MessageRedaction {
    /// What stands in the place of a body's field.
    static let mark: JSONValue = "redacted"

    /// Tells that a message's body was left out.
    static let withoutBodyField = "payload_redacted"

    private let headers: [String]
    /// Each of the names on the way to a field.
    private let paths: [[String]]
    /// Messages that something was taken out of.
    private(set) var count = 0
    /// Messages whose bodies were left out: where nobody can tell the fields, all of it might be what is not to be seen.
    private(set) var withoutBodyCount = 0

    /// - Parameter names: headers, and fields as `$.customer.card`.
    /// - Throws: for a path that is no row of names.
    init(_ names: [String]) throws(ValidationError) {
        for name in names where name.hasPrefix("$") {
            guard name.hasPrefix("$."), name.last != ".", !name.contains(where: { "[]*'\"".contains($0) }),
                !name.contains("..")
            else {
                throw ValidationError(
                    "--redact \(name): expected names with dots between them, as $.customer.card; lists are gone through"
                )
            }
        }
        headers = names.filter { !$0.hasPrefix("$.") }
        paths = names.filter { $0.hasPrefix("$.") }.map { $0.dropFirst(2).split(separator: ".").map(String.init) }
    }

    var isEmpty: Bool { headers.isEmpty && paths.isEmpty }

    mutating func redact(_ fields: inout [String: JSONValue]) {
        let before = fields
        if !headers.isEmpty { redactHeaders(&fields) }
        if !paths.isEmpty { redactBody(&fields) }
        if fields != before { count += 1 }
    }

    private func redactHeaders(_ fields: inout [String: JSONValue]) {
        let encoded = fields["properties_encoded"]?.string.flatMap { Data(base64Encoded: $0) }
        guard let encoded, var properties = try? encoded.withUnsafeBytes({ try BasicProperties(decoding: $0) }) else {
            // What can't be read can't be redacted either.
            fields["properties_encoded"] = nil
            fields["properties"] = nil
            return
        }
        var shown = fields["properties"]?.object ?? [:]
        var remaining = shown["headers"]?.object ?? [:]
        var isChanged = false
        for name in headers where properties.headers?[name] != nil {
            isChanged = true
            // A name may stand there more than once.
            properties.headers?.entries.removeAll { $0.name == name }
            remaining[name] = nil
        }
        guard isChanged else { return }
        shown["headers"] = .object(remaining)
        fields["properties"] = .object(shown)
        var buffer = WireBuffer()
        properties.encode(into: &buffer)
        fields["properties_encoded"] = .string(Data(buffer.bytes).base64EncodedString())
    }

    private mutating func redactBody(_ fields: inout [String: JSONValue]) {
        let text = fields["payload_encoding"] == "string" ? fields["payload"]?.string : nil
        guard let text, let body = try? JSONValue(parsing: text.utf8), body.depth > 0 else {
            fields["payload"] = nil
            fields["payload_encoding"] = nil
            fields[Self.withoutBodyField] = true
            withoutBodyCount += 1
            return
        }
        let redacted = paths.reduce(body) { Self.redacted($0, $1[...]) }
        if redacted != body { fields["payload"] = .string(redacted.text) }
    }

    /// Elements of arrays are gone through. Where a name is expected and a text or a number stands, that may be anything.
    private static func redacted(_ value: JSONValue, _ path: ArraySlice<String>) -> JSONValue {
        guard let name = path.first else { return mark }
        switch value {
        case .array(let elements): return .array(elements.map { redacted($0, path) })
        case .object(var fields):
            if let child = fields[name] { fields[name] = redacted(child, path.dropFirst()) }
            return .object(fields)
        case .string, .number, .integer, .unsigned: return mark
        case .null, .boolean: return value
        }
    }
}
