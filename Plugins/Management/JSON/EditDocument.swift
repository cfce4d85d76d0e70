import AMQPProtocol
import Broker
import Foundation
import LosslessJSON

/// A message as a JSON document that can be edited: `headers`, `properties`, `body`, and `body_encoding`, which says what `body`
/// is: `json` (for objects and arrays), `text`, or `base64`.
struct EditDocument {
    private enum Encoding: String, CaseIterable {
        case json, text, base64
    }

    let value: JSONValue
    private let message: BrowsedMessage

    /// - Parameter message: with its whole body.
    init(_ message: BrowsedMessage) {
        self.message = message
        guard case .object(var properties) = JSONValue(message.properties) else {
            preconditionFailure("properties are an object")
        }
        let headers = properties.removeValue(forKey: "headers") ?? .object([:])
        let (body, encoding) = Self.body(Data(message.body))
        value = [
            "headers": headers, "properties": .object(properties), "body": body,
            "body_encoding": .string(encoding.rawValue),
        ]
    }

    private static func body(_ bytes: Data) -> (JSONValue, Encoding) {
        switch try? JSONValue(parsing: bytes, nestingMax: BodyForm.nestingMax) {
        case .object(let fields)?: return (.object(fields), .json)
        case .array(let elements)?: return (.array(elements), .json)
        default: break
        }
        if let text = String(validating: bytes, as: UTF8.self) { return (.string(text), .text) }
        return (.string(bytes.base64EncodedString()), .base64)
    }

    /// What the edited document says. What is as it was stays as it is in the message, to the byte and with its type.
    ///
    /// - Throws: 400 for what can't be a message.
    func content(of edited: JSONValue) throws(APIError) -> EditedContent {
        guard case .object(let before) = value, case .object(let after) = edited, after.keys == before.keys,
            case .object(let properties)? = after["properties"], case .object(let headers)? = after["headers"]
        else {
            let names = "headers, properties, body and body_encoding"
            throw .badRequest("the edited message: expected an object with \(names)")
        }
        var content = EditedContent(properties: message.properties, body: Array(message.body))
        try PropertiesJSON.apply(properties, to: &content.properties)
        let kept = message.properties.headers ?? FieldTable()
        content.properties.headers = try PropertiesJSON.headers(headers, keeping: kept)
        let (body, encoding) = (after["body"] ?? .null, after["body_encoding"] ?? .null)
        let isSame = before["body"]?.isSameJSON(as: body) == true && before["body_encoding"] == encoding
        if !isSame { content.body = try Self.bytes(body, encoding) }
        return content
    }

    private static func bytes(_ body: JSONValue, _ encoding: JSONValue) throws(APIError) -> [UInt8] {
        guard case .string(let name) = encoding, let encoding = Encoding(rawValue: name) else {
            throw .badRequest("body_encoding: expected json, text or base64")
        }
        switch (encoding, body) {
        case (.json, _): return body.utf8
        case (.text, .string(let text)): return Array(text.utf8)
        case (.base64, .string(let text)):
            guard let bytes = Data(base64Encoded: text) else { throw .badRequest("body: not base64") }
            return Array(bytes)
        default: throw .badRequest("body: expected a text, since body_encoding is \(name)")
        }
    }
}
