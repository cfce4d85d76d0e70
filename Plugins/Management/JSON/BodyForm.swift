import Broker
import Foundation
import LosslessJSON

/// How a message's body is shown.
enum BodyForm: String, CaseIterable {
    case none
    /// As text if it is UTF-8, otherwise in base64.
    case text
    case base64
    case hex
    /// As JSON if it is that, otherwise as for `text`.
    case json

    /// Levels of a body that is shown as JSON: it stands in an answer, which has some of its own.
    static let nestingMax = JSONValue.nestingMax - 12

    /// The fields `payload` and `payload_encoding` (`string`, `base64`, `hex`, `json`), as RabbitMQ has them.
    func add(_ message: BrowsedMessage, to fields: inout [String: JSONValue]) {
        guard self != .none else { return }
        let (payload, encoding) = payload(of: message)
        fields["payload"] = payload
        fields["payload_encoding"] = encoding
        fields["payload_truncated"] = .boolean(message.isBodyCut)
    }

    private func payload(of message: BrowsedMessage) -> (JSONValue, JSONValue) {
        let bytes = Data(message.body)
        if self == .json, !message.isBodyCut, let value = try? JSONValue(parsing: bytes, nestingMax: Self.nestingMax) {
            return (value, "json")
        }
        if self == .hex { return (.string(Self.hex(bytes)), "hex") }
        if self != .base64, let text = Self.text(bytes, isCut: message.isBodyCut) { return (.string(text), "string") }
        return (.string(bytes.base64EncodedString()), "base64")
    }

    private static func hex(_ bytes: Data) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// A cut may have gone through a character.
    private static func text(_ bytes: Data, isCut: Bool) -> String? {
        for cut in 0...(isCut ? min(3, bytes.count) : 0) {
            if let text = String(validating: bytes.dropLast(cut), as: UTF8.self) { return text }
        }
        return nil
    }
}
