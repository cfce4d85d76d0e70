@testable import Definitions

/// As much of JSON Schema 2020-12 as `Definitions/definitions.schema.json` uses. A keyword that it does not know fails,
/// so that the schema cannot say anything that is not checked here.
struct JSONSchema {
    private let root: SourceNode

    init(_ text: String) throws(SyntaxError) {
        root = try JSONReader.read(text, nestingMax: 64)
    }

    func accepts(_ value: SourceNode) -> Bool {
        accepts(value, root)
    }

    /// The keys that a definition of the schema has properties for.
    func properties(of definition: String?) -> Set<String> {
        let schema = definition.map { self.definition("#/$defs/\($0)") } ?? root
        return Set(schema["properties"]?.members.map(\.key) ?? [])
    }

    private func definition(_ reference: String) -> SourceNode {
        let name = reference.dropFirst("#/$defs/".count)
        guard let definition = root["$defs"]?[String(name)] else {
            preconditionFailure("The schema has no definition \(reference).")
        }
        return definition
    }

    private func accepts(_ value: SourceNode, _ schema: SourceNode) -> Bool {
        schema.members.allSatisfy { accepts(value, keyword: $0.key, $0.value, in: schema) }
    }

    private func accepts(_ value: SourceNode, keyword: String, _ operand: SourceNode, in schema: SourceNode) -> Bool {
        switch keyword {
        case "$schema", "$defs", "title", "description", "default", "contentEncoding", "then":
            return true
        case "$ref": return accepts(value, definition(operand.text))
        case "type": return value.type == operand.text
        case "const": return value.isScalar(equalTo: operand)
        case "enum": return operand.items.contains { value.isScalar(equalTo: $0) }
        case "not": return !accepts(value, operand)
        case "anyOf": return operand.items.contains { accepts(value, $0) }
        case "if":
            return !accepts(value, operand) || schema["then"].map { accepts(value, $0) } ?? true
        case "minLength": return value.type != "string" || value.text.unicodeScalars.count >= operand.integer
        case "maxLength": return value.type != "string" || value.text.unicodeScalars.count <= operand.integer
        case "minimum": return value.type != "integer" || value.integer >= operand.integer
        case "maximum": return value.type != "integer" || value.integer <= operand.integer
        case "items": return value.items.allSatisfy { accepts($0, operand) }
        case "required":
            return value.type != "object" || operand.items.allSatisfy { value[$0.text] != nil }
        case "properties":
            return value.members.allSatisfy { member in
                operand[member.key].map { accepts(member.value, $0) } ?? true
            }
        case "additionalProperties":
            let known = Set(schema["properties"]?.members.map(\.key) ?? [])
            let others = value.members.filter { !known.contains($0.key) }
            if case .boolean(let isAllowed) = operand.content { return isAllowed || others.isEmpty }
            return others.allSatisfy { accepts($0.value, operand) }
        default:
            preconditionFailure("The schema uses the keyword \(keyword), which the tests do not know.")
        }
    }
}

extension SourceNode {
    /// The type by JSON Schema's names.
    var type: String {
        switch content {
        case .null: "null"
        case .boolean: "boolean"
        case .integer: "integer"
        case .double, .numberOutOfRange: "number"
        case .text: "string"
        case .list: "array"
        case .table: "object"
        }
    }

    var members: [Member] {
        if case .table(let members) = content { members } else { [] }
    }

    var items: [SourceNode] {
        if case .list(let items) = content { items } else { [] }
    }

    var text: String {
        if case .text(let text) = content { text } else { "" }
    }

    var integer: Int {
        if case .integer(let value) = content { Int(value) } else { 0 }
    }

    subscript(key: String) -> SourceNode? {
        members.first { $0.key == key }?.value
    }

    func isScalar(equalTo other: SourceNode) -> Bool {
        type == other.type && text == other.text && integer == other.integer
    }

    /// The value as JSON. Text must need no escapes but those of quotes and backslashes.
    var json: String {
        switch content {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .double(let value): "\(value)"
        case .numberOutOfRange(let text): text
        case .text(let text): Self.json(text)
        case .list(let items): "[" + items.map(\.json).joined(separator: ", ") + "]"
        case .table(let members):
            "{" + members.map { "\(Self.json($0.key)): \($0.value.json)" }.joined(separator: ", ") + "}"
        }
    }

    private static func json(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
